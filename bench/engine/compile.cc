// Compiling Docker's default: ours from a document that was read, with the loader's and the runtime's part of
// the work; libseccomp from the rules that come out of those. Goals: libseccomp's default takes at least five
// times as long, and makes at least three times as many instructions.
#include <cmath>

#include "clock.h"
#include "docker_default.h"
#include "filter/compile.h"
#include "library.h"
#include "part.h"
#include "rounds.h"

namespace whittle::bench {
namespace {

constexpr double kTimeGoal = 1.0 / 5;
constexpr double kSizeGoal = 1.0 / 3;

// Microseconds for one program, by the thread's clock.
template <typename Build>
Result<double> Time(int times, Build build) {
  const double begin = Now(Clock::kThread);
  for (int i = 0; i < times; ++i) TRY(build());
  return (Now(Clock::kThread) - begin) / 1000 / times;
}

Interval Exact(double ratio) { return {ratio, ratio, ratio}; }

}  // namespace

Result<bool> BenchCompile(const Settings& settings) {
  PinToLastCpu();
  const auto docker = TRY(ReadDockerDefault());
  const int times = std::max(1, static_cast<int>(std::lround(10 * settings.scale)));
  const auto ours = [&] { return filter::Compile(docker.document, docker.target); };
  const auto theirs = [&](Layout layout, Names names) {
    return [&docker, layout, names] { return BuildWithLibrary(docker.rules, layout, names); };
  };
  const Times found = MeasureRounds(
      {
          {"whittle", [&] { return Time(times, ours); }},
          {"linear", [&] { return Time(times, theirs(Layout::kLinear, Names::kResolved)); }},
          {"tree", [&] { return Time(times, theirs(Layout::kTree, Names::kResolved)); }},
          {"linear by name", [&] { return Time(times, theirs(Layout::kLinear, Names::kResolve)); }},
      },
      settings.rounds);
  const auto time = [&](std::string name, std::string base, std::optional<double> goal, std::string what) {
    return Row{name + " / " + base, Median(found.at(name)), PairedRatio(found.at(name), found.at(base)), goal,
               std::move(what)};
  };
  const bool quick = Report(
      std::vector<Row>{
          time("whittle", "linear", kTimeGoal, "libseccomp's default"),
          time("whittle", "tree", {}, "its binary tree"),
          time("whittle", "linear by name", {}, "it also looks names up, as runc does"),
          time("tree", "linear", {}, ""),
      },
      "us", settings.format);
  const double size = static_cast<double>(TRY(ours()).program.size());
  const double linear = static_cast<double>(TRY(theirs(Layout::kLinear, Names::kResolved)()).size());
  const double tree = static_cast<double>(TRY(theirs(Layout::kTree, Names::kResolved)()).size());
  const bool small = Report(
      std::vector<Row>{
          {"whittle / linear", size, Exact(size / linear), kSizeGoal,
           "with runc's stub, which libseccomp's lack"},
          {"whittle / tree", size, Exact(size / tree), {}, ""},
          {"linear", linear, {}, {}, ""},
          {"tree", tree, {}, {}, ""},
      },
      "instructions", settings.format);
  return quick && small;
}

}  // namespace whittle::bench
