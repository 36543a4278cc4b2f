// How long `whittle --version` takes from fork to end, beside /bin/true: what every call in a script pays.
// Goal: 5 ms.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>

#include "clock.h"
#include "part.h"
#include "rounds.h"

namespace whittle::bench {
namespace {

constexpr double kGoalMs = 5;

Result<void> RunOnce(const std::string& program, posix_spawn_file_actions_t* actions) {
  std::string version = "--version";
  std::string name = program;
  char* arguments[] = {name.data(), version.data(), nullptr};
  pid_t pid = 0;
  if (posix_spawn(&pid, program.c_str(), actions, nullptr, arguments, environ) != 0)
    return Fail(ErrorCode::kNotPossible, program + " cannot be started");
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || status != 0)
    return Fail(ErrorCode::kNotPossible, program + " --version failed");
  return {};
}

// Milliseconds for one start, by the wall's clock.
Result<double> TimeStarts(const std::string& program, int times) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const double begin = Now(Clock::kWall);
  Result<void> done;
  for (int i = 0; i < times && done; ++i) done = RunOnce(program, &actions);
  const double time = Now(Clock::kWall) - begin;
  posix_spawn_file_actions_destroy(&actions);
  if (!done) return std::unexpected(done.error());
  return time / 1e6 / times;
}

}  // namespace

Result<bool> BenchStart(const Settings& settings) {
  PinToLastCpu();
  const int times = static_cast<int>(std::ceil(5 * settings.scale));
  const Times found = MeasureRounds(
      {
          {"whittle", [&] { return TimeStarts(settings.whittle, times); }},
          {"true", [&] { return TimeStarts("/bin/true", times); }},
      },
      settings.rounds);
  if (found.size() != 2) return Fail(ErrorCode::kNotPossible, settings.whittle + " is not there");
  const auto& ours = found.at("whittle");
  const std::vector<double> goal(ours.size(), kGoalMs);
  return Report(
      std::vector<Row>{
          {"whittle --version", Median(ours), PairedRatio(ours, goal), 1.0, "of 5 ms"},
          {"whittle / true", Median(ours), PairedRatio(ours, found.at("true")), {}, ""},
          {"true --version", Median(found.at("true")), {}, {}, ""},
      },
      "ms", settings.format);
}

}  // namespace whittle::bench
