// What recording costs: ns per getppid in a tight loop under each tracer, all arms in each round, in random
// order; ratios to the empty program as paired medians with 95 % bootstrap intervals. A goal is missed only
// if the interval lies above it: then this exits with 1.
//
//   record_bench [--rounds 11] [--calls 200000] [--without bpftrace,strace] [--json]
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>

#include "arms.h"
#include "base/text.h"
#include "statistics.h"

namespace whittle::bench {
namespace {

struct Settings {
  uint64_t rounds = 11;
  uint64_t calls = 200'000;
  std::vector<std::string> without;
  bool json = false;
};

using Times = std::map<std::string, std::vector<double>>;

// Every arm once; an arm that does not work here is left out from then on, and named.
void Round(std::vector<Arm>& arms, Looper& looper, uint64_t calls, std::mt19937& random, Times& times) {
  std::vector<const Arm*> order;
  for (const auto& arm : arms) order.push_back(&arm);
  std::ranges::shuffle(order, random);
  std::vector<std::string> broken;
  for (const Arm* arm : order) {
    const auto time = arm->measure(looper, calls);
    if (time) {
      times[arm->name].push_back(*time);
    } else {
      fmt::print(stderr, "{}: left out: {}\n", arm->name, time.error().message);
      broken.push_back(arm->name);
    }
  }
  for (const auto& name : broken) times.erase(name);
  std::erase_if(arms, [&](const Arm& arm) { return std::ranges::find(broken, arm.name) != broken.end(); });
}

std::string Judge(const Arm& arm, const Interval& ratio) {
  if (arm.goal == 0) return "";
  return fmt::format("goal {:.2f}: {}", arm.goal, ratio.low > arm.goal ? "MISSED" : "ok");
}

int Report(const std::vector<Arm>& arms, const Times& times, const Settings& settings) {
  const auto& base = times.at("empty");
  int code = 0;
  if (settings.json)
    fmt::print("[");
  else
    fmt::print("{:<18} {:>9}  {:>6}  {:<17} {}\n", "arm", "ns/call", "ratio", "95 % interval", "");
  const char* comma = "";
  for (const auto& arm : arms) {
    const auto& own = times.at(arm.name);
    const auto ratio = PairedRatio(own, base);
    if (arm.goal != 0 && ratio.low > arm.goal) code = 1;
    if (settings.json) {
      fmt::print(
          "{}{{\"arm\": \"{}\", \"ns\": {:.1f}, \"ratio\": {:.4f}, \"low\": {:.4f}, \"high\": {:.4f}, "
          "\"goal\": {}}}",
          comma, arm.name, Median(own), ratio.median, ratio.low, ratio.high, arm.goal);
      comma = ",\n ";
    } else {
      fmt::print("{:<18} {:>9.1f}  {:>6.3f}  [{:.3f}, {:.3f}]{:<2}  {:<14} {}\n", arm.name, Median(own),
                 ratio.median, ratio.low, ratio.high, "", Judge(arm, ratio), arm.what);
    }
  }
  if (settings.json) fmt::print("]\n");
  return code;
}

int Run(const Settings& settings) {
  auto arms = Arms();
  std::erase_if(arms, [&](const Arm& arm) {
    return std::ranges::find(settings.without, arm.name) != settings.without.end();
  });
  Looper looper;
  Times times;
  std::mt19937 random(7);
  for (uint64_t round = 0; round < settings.rounds; round++) {
    fmt::print(stderr, "round {} of {}\n", round + 1, settings.rounds);
    Round(arms, looper, settings.calls, random, times);
    if (!times.contains("empty")) return 77;  // no BPF here: nothing to compare with
  }
  return Report(arms, times, settings);
}

}  // namespace
}  // namespace whittle::bench

int main(int argc, char** argv) {
  whittle::bench::Settings settings;
  for (int i = 1; i < argc; i++) {
    const std::string_view option = argv[i];
    if (option == "--json") settings.json = true;
    if (i + 1 >= argc) continue;
    if (option == "--rounds") settings.rounds = whittle::ParseUnsigned(argv[i + 1]).value_or(settings.rounds);
    if (option == "--calls") settings.calls = whittle::ParseUnsigned(argv[i + 1]).value_or(settings.calls);
    if (option == "--without") {
      for (const auto name : whittle::Split(argv[i + 1], ',')) settings.without.emplace_back(name);
    }
    if (option == "--loop") {
      fmt::print("{}\n", whittle::bench::TimeCalls(whittle::ParseUnsigned(argv[i + 1]).value_or(1),
                                                   whittle::bench::Clock::kWall));
      return 0;
    }
  }
  return whittle::bench::Run(settings);
}
