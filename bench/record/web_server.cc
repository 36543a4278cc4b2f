#include "web_server.h"

#include <fmt/core.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/process.h"

namespace whittle::bench {
namespace {

constexpr int kPort = 18'471;

void WriteFiles(const std::string& folder) {
  std::ofstream(folder + "/index.html") << std::string(600, 'x') << "\n";
  std::ofstream(folder + "/nginx.conf") << fmt::format(
      "daemon off; worker_processes 1; worker_cpu_affinity 1; pid {0}/pid; error_log {0}/log;\n"
      "events {{}}\n"
      "http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {0}/a; proxy_temp_path "
      "{0}/b;\n"
      "fastcgi_temp_path {0}/c; uwsgi_temp_path {0}/d; scgi_temp_path {0}/e;\n"
      "server {{ listen 127.0.0.1:{1}; root {0}; }} }}\n",
      folder, kPort);
}

std::string Url() { return fmt::format("http://127.0.0.1:{}/index.html", kPort); }

}  // namespace

Result<WebServer> WebServer::Start() {
  for (const char* program : {"nginx", "wrk", "taskset"}) {
    if (FindProgram(program).empty())
      return Fail(ErrorCode::kNotPossible, fmt::format("{} is not installed", program));
  }
  char folder[] = "/tmp/whittle-bench.XXXXXX";
  if (!mkdtemp(folder)) return Fail(ErrorCode::kNotPossible, "cannot make a folder in /tmp");
  chmod(folder, 0755);  // its worker is nobody
  WebServer server;
  server.folder_ = folder;
  WriteFiles(folder);
  server.pid_ = fork();
  if (server.pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    const std::string conf = server.folder_ + "/nginx.conf";
    execlp("nginx", "nginx", "-c", conf.c_str(), nullptr);
    _exit(127);
  }
  for (int i = 0; i < 50; i++) {
    if (server.RequestsPerSecond(1).value_or(0) > 0) return server;
    usleep(100'000);
  }
  return Fail(ErrorCode::kNotPossible, "nginx does not answer");
}

WebServer::WebServer(WebServer&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), pid_(std::exchange(other.pid_, -1)) {}

WebServer::~WebServer() {
  if (pid_ > 0) kill(pid_, SIGTERM);
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Result<double> WebServer::RequestsPerSecond(int seconds) const {
  const auto last_cpu = std::to_string(sysconf(_SC_NPROCESSORS_ONLN) - 1);
  const auto said =
      TRY(RunProcess({"taskset", "-c", last_cpu, "wrk", "-t1", "-c8", fmt::format("-d{}s", seconds), Url()},
                     (seconds + 20) * 1000));
  constexpr std::string_view kLabel = "Requests/sec:";
  const auto at = said.output.find(kLabel);
  const double rate = at == std::string::npos ? 0 : std::atof(said.output.c_str() + at + kLabel.size());
  if (said.exit_code != 0 || rate <= 0 || said.output.find("Non-2xx") != std::string::npos)
    return Fail(ErrorCode::kNotPossible, "wrk got no good answers: " + said.output + said.errors);
  return rate;
}

}  // namespace whittle::bench
