#include "base/process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/fd.h"
#include "base/text.h"
#include "base/time.h"

extern char** environ;

namespace whittle {
namespace {

struct Pipe {
  Fd read, write;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Fail(ErrorCode::kInternal, "no pipe: too many open files");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

Result<pid_t> Start(const std::vector<std::string>& argv, int out, int err) {
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return Fail(ErrorCode::kNotPossible, fmt::format("cannot run {}: {}", argv[0], std::strerror(error)));
  }
  return pid;
}

// Reads both pipes until their ends or the deadline; false at the deadline.
bool Drain(Pipe& out, Pipe& err, ProcessResult& result, int64_t deadline) {
  char buffer[1 << 14];
  while (out.read.valid() || err.read.valid()) {
    pollfd waits[2] = {{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}};
    const int64_t left = deadline - MonotonicMs();
    if (left <= 0) return false;
    if (::poll(waits, 2, static_cast<int>(left)) <= 0) continue;
    for (int i = 0; i < 2; ++i) {
      if (waits[i].revents == 0) continue;
      Fd& fd = i == 0 ? out.read : err.read;
      const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
      if (got > 0) (i == 0 ? result.output : result.errors).append(buffer, static_cast<size_t>(got));
      if (got == 0 || (got < 0 && errno != EINTR)) fd.Close();
    }
  }
  return true;
}

}  // namespace

Result<ProcessResult> RunProcess(const std::vector<std::string>& argv, int deadline_ms) {
  Pipe out = TRY(MakePipe());
  Pipe err = TRY(MakePipe());
  const pid_t pid = TRY(Start(argv, out.write.get(), err.write.get()));
  out.write.Close();
  err.write.Close();
  ProcessResult result;
  const bool finished = Drain(out, err, result, MonotonicMs() + deadline_ms);
  if (!finished) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!finished) {
    return Fail(ErrorCode::kNotPossible, fmt::format("{} gave no answer within {} s", argv[0], deadline_ms / 1000));
  }
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

std::string FindProgram(const std::string& program) {
  if (program.find('/') != std::string::npos) return ::access(program.c_str(), X_OK) == 0 ? program : "";
  const char* path = std::getenv("PATH");
  for (const auto folder : Split(path != nullptr ? path : "/usr/sbin:/usr/bin:/sbin:/bin", ':')) {
    const std::string candidate = fmt::format("{}/{}", folder.empty() ? "." : folder, program);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

}  // namespace whittle
