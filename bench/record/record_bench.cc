// What recording costs: ns per getppid in a tight loop under each tracer, all arms in each round, in random
// order; ratios to the empty program, or what an arm names in its place, as paired medians with 95 %
// bootstrap intervals. A goal is missed only if the interval lies above it: then this exits with 1.
//
//   record_bench [--rounds 11] [--calls 200000] [--without bpftrace,strace] [--json]
#include <fmt/core.h>

#include <algorithm>

#include "arms.h"
#include "base/text.h"
#include "report.h"
#include "rounds.h"
#include "words.h"

namespace whittle::bench {
namespace {

struct Settings {
  uint64_t rounds = 11;
  uint64_t calls = 200'000;
  std::vector<std::string> without;
  bool json = false;
};

std::vector<Row> Rows(const std::vector<Arm>& arms, const Times& times) {
  std::vector<Row> rows;
  for (const auto& arm : arms) {
    const auto own = times.find(arm.name);
    if (own == times.end() || !times.contains(arm.base)) continue;
    Row& row = rows.emplace_back(Row{arm.name, Median(own->second),
                                     PairedRatio(own->second, times.at(arm.base)), std::nullopt, arm.what});
    if (arm.goal != 0) row.goal = arm.goal;
  }
  return rows;
}

int Run(const Settings& settings) {
  auto arms = Arms();
  std::erase_if(arms, [&](const Arm& arm) {
    return std::ranges::find(settings.without, arm.name) != settings.without.end();
  });
  Looper looper, filtered(FilterTheLoop);
  std::vector<TimedArm> timed;
  for (const auto& arm : arms) {
    Looper& own = arm.loop == Arm::Loop::kFiltered ? filtered : looper;
    timed.push_back({arm.name, [&arm, &own, &settings] { return arm.measure(own, settings.calls); }});
  }
  const Times times = MeasureRounds(std::move(timed), settings.rounds);
  if (!times.contains("empty")) return 77;  // no BPF here: nothing to compare with
  return Report(Rows(arms, times), "ns", settings.json ? Format::kJson : Format::kText) ? 0 : 1;
}

}  // namespace
}  // namespace whittle::bench

int main(int argc, char** argv) {
  const whittle::bench::Words words(argc, argv);
  if (words.Behind("--loop")) {
    fmt::print("{}\n",
               whittle::bench::TimeCalls(words.Number("--loop", 1), {}, whittle::bench::Clock::kWall));
    return 0;
  }
  whittle::bench::Settings settings;
  settings.rounds = words.Number("--rounds", settings.rounds);
  settings.calls = words.Number("--calls", settings.calls);
  settings.json = words.Has("--json");
  for (const auto name : whittle::Split(words.Behind("--without").value_or(""), ',')) {
    settings.without.emplace_back(name);
  }
  return whittle::bench::Run(settings);
}
