// What an import costs: beside the pipeline of awk, sort and uniq that people count calls with, over the same
// log in the same run; beside 300 MB/s on one core; and its memory for four times the log.
//
//   import_bench [--rounds 11] [--megabytes 64] [--json]
//
// Exit code 1: a goal is missed.
#include <fcntl.h>
#include <fmt/core.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/text.h"
#include "clock.h"
#include "import/import.h"
#include "logs.h"
#include "report.h"
#include "rounds.h"

namespace whittle::bench {
namespace {

struct Cost {
  double wall = 0;  // seconds
  double cpu = 0;   // of the process and all that it waited for
  double mebibytes = 0;
};

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// In a process of its own, so that its time and its memory are all of it. Errors: kNotPossible if it fails.
Result<Cost> Run(const std::function<int()>& work) {
  const double begin = Now(Clock::kWall);
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(work());
  int status = 0;
  rusage usage{};
  if (pid < 0 || ::wait4(pid, &status, 0, &usage) < 0 || status != 0)
    return Fail(ErrorCode::kNotPossible, "it failed");
  return Cost{(Now(Clock::kWall) - begin) / 1e9, Seconds(usage.ru_utime) + Seconds(usage.ru_stime),
              static_cast<double>(usage.ru_maxrss) / 1024};
}

int Import(const std::string& path) {
  const auto imported = import::ImportFiles({path}, import::Options());
  return imported && !imported->rows.empty() && imported->not_understood == 0 ? 0 : 1;
}

int Shell(const std::string& command) {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nowhere, STDOUT_FILENO);
  ::execlp("sh", "sh", "-c", command.c_str(), nullptr);
  return 127;
}

struct Log {
  std::string_view name;
  std::string (*make)(size_t bytes);
  std::string_view pipeline;  // FILE is read from standard input
};
constexpr Log kLogs[] = {
    {"strace", StraceLog,
     "awk 'match($0, /[a-z0-9_]+\\(/) { print substr($0, RSTART, RLENGTH - 1) }' | sort | uniq -c"},
    {"audit", AuditLog,
     "awk '/SECCOMP/ { for (i = 1; i <= NF; i++) if ($i ~ /^(syscall|exe)=/) print $i }' | sort | uniq -c"},
    {"kernel", KernelLog,
     "awk '/type=1326/ { for (i = 1; i <= NF; i++) if ($i ~ /^(syscall|exe)=/) print $i }' | sort | uniq -c"},
};

struct Settings {
  size_t rounds = 11;
  size_t megabytes = 64;
  Format format = Format::kText;
};

std::string WriteLog(const std::string& folder, const Log& log, size_t bytes) {
  const std::string path = fmt::format("{}/{}-{}", folder, log.name, bytes);
  std::ofstream(path, std::ios::binary) << log.make(bytes);
  return path;
}

std::vector<Row> RowsOf(const Log& log, const std::string& folder, const Settings& settings) {
  const size_t bytes = settings.megabytes * 1'000'000;
  const std::string path = WriteLog(folder, log, bytes);
  std::vector<double> cpu, pipeline_cpu, memory, base;
  const auto import_time = [&]() -> Result<double> {
    const auto cost = TRY(Run([&] { return Import(path); }));
    cpu.push_back(cost.cpu);
    base.push_back(static_cast<double>(bytes) / 300e6);
    memory.push_back(cost.mebibytes);
    return cost.wall;
  };
  const std::string command = fmt::format("{{ {}; }} < {}", log.pipeline, path);
  const auto pipeline_time = [&]() -> Result<double> {
    const auto cost = TRY(Run([&] { return Shell(command); }));
    pipeline_cpu.push_back(cost.cpu);
    return cost.wall;
  };
  const auto times = MeasureRounds({{"import", import_time}, {"pipeline", pipeline_time}}, settings.rounds);
  if (times.size() < 2) return {};
  const std::string large = WriteLog(folder, log, 4 * bytes);
  std::vector<double> large_memory;
  for (size_t i = 0; i < memory.size(); ++i) {
    if (const auto cost = Run([&] { return Import(large); })) large_memory.push_back(cost->mebibytes);
    if (large_memory.size() == 3) break;
  }
  std::filesystem::remove(path);
  std::filesystem::remove(large);
  memory.resize(large_memory.size());
  const std::string name(log.name);
  return {
      {name + ": pipeline", Median(pipeline_cpu), std::nullopt, std::nullopt, std::string(log.pipeline)},
      {name + ": import", Median(cpu), PairedRatio(cpu, pipeline_cpu), 0.2,
       "processor seconds, to the pipeline's"},
      {name + ": waiting", Median(times.at("import")), PairedRatio(times.at("import"), times.at("pipeline")),
       std::nullopt, "seconds that pass, to the pipeline's, which uses several cores"},
      {name + ": one core", Median(cpu), PairedRatio(cpu, base), 1.0,
       fmt::format("processor seconds, to those of 300 MB/s ({:.0f} MB/s)",
                   static_cast<double>(bytes) / 1e6 / Median(cpu))},
      {name + ": memory", Median(large_memory), PairedRatio(large_memory, memory), 1.05,
       "MiB for four times the log, to those for one"},
  };
}

int Main(const Settings& settings) {
  char folder[] = "/tmp/whittle-import-bench-XXXXXX";
  if (::mkdtemp(folder) == nullptr) return 5;
  std::vector<Row> rows;
  for (const auto& log : kLogs) {
    for (auto& row : RowsOf(log, folder, settings)) rows.push_back(std::move(row));
  }
  std::filesystem::remove_all(folder);
  if (rows.empty()) return 77;
  return Report(rows, "seconds", settings.format) ? 0 : 1;
}

}  // namespace
}  // namespace whittle::bench

int main(int argc, char** argv) {
  whittle::bench::Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto number = whittle::ParseUnsigned(i + 1 < argc ? argv[i + 1] : "");
    if (word == "--json") {
      settings.format = whittle::bench::Format::kJson;
    } else if (word == "--rounds" && number) {
      settings.rounds = *number, ++i;
    } else if (word == "--megabytes" && number && *number > 0) {
      settings.megabytes = *number, ++i;
    } else {
      fmt::print(stderr, "usage: import_bench [--rounds N] [--megabytes N] [--json]\n");
      return 2;
    }
  }
  return whittle::bench::Main(settings);
}
