// System calls under the filter of Docker's default in the running kernel: in a process for each filter, on
// one CPU, all in each round. Goals: an allowed call costs at most 3 % more than under libseccomp's default,
// one that is allowed by its arguments at most 3 % more than under libseccomp's binary tree.
#include <sys/syscall.h>

#include <memory>

#include "docker_default.h"
#include "filter/compile.h"
#include "filter/live/load.h"
#include "library.h"
#include "loop.h"
#include "part.h"
#include "rounds.h"

namespace whittle::bench {
namespace {

constexpr double kGoal = 1.03;
constexpr double kCalls = 90'000;

struct Probe {
  std::string name;
  LoopedCall call;
  std::string base;  // the filter that the goal is held against
};

// clone with flags that the kernel refuses itself: a thread that shares no memory.
constexpr long kImpossibleClone = 0x00010000;

const std::vector<Probe> kProbes = {
    {"getppid", {SYS_getppid, {}}, "linear"},
    {"personality(-1)", {SYS_personality, {0xffffffff}}, "tree"},
    {"clone", {SYS_clone, {kImpossibleClone}}, "tree"},
};

struct Filtered {
  std::string name;
  std::unique_ptr<Looper> looper;
};

std::unique_ptr<Looper> LoopUnder(const filter::Program& program) {
  return std::make_unique<Looper>([&] { return filter::Load(program, filter::NoNewPrivs::kSet); });
}

}  // namespace

Result<bool> BenchKernel(const Settings& settings) {
  const auto docker = TRY(ReadDockerDefault());
  const auto library = [&](Layout layout) {
    return BuildWithLibrary(docker.rules, layout, Names::kResolved);
  };
  std::vector<Filtered> arms;
  arms.push_back({"none", std::make_unique<Looper>()});
  arms.push_back({"whittle", LoopUnder(TRY(filter::Compile(docker.document, docker.target)).program)});
  arms.push_back({"linear", LoopUnder(TRY(library(Layout::kLinear)))});
  arms.push_back({"tree", LoopUnder(TRY(library(Layout::kTree)))});
  std::vector<Row> rows;
  const auto calls = static_cast<uint64_t>(kCalls * settings.scale);
  for (const auto& probe : kProbes) {
    std::vector<TimedArm> timed;
    for (const auto& arm : arms)
      timed.push_back({arm.name, [&] { return arm.looper->Measure(calls, probe.call); }});
    const Times times = MeasureRounds(timed, settings.rounds);
    for (const auto& arm : arms) {
      if (!times.contains(arm.name)) return Fail(ErrorCode::kNotPossible, "no filter can be loaded here");
      const bool ours = arm.name == "whittle";
      rows.push_back({probe.name + ", " + arm.name, Median(times.at(arm.name)),
                      PairedRatio(times.at(arm.name), times.at(probe.base)),
                      ours ? std::optional(kGoal) : std::nullopt,
                      ours ? "beside libseccomp's " + probe.base : ""});
    }
  }
  return Report(rows, "ns/call", settings.format);
}

}  // namespace whittle::bench
