#include "rounds.h"

#include <fmt/core.h>

#include <algorithm>
#include <random>

namespace whittle::bench {
namespace {

void Round(std::vector<TimedArm>& arms, std::mt19937& random, Times& times) {
  std::ranges::shuffle(arms, random);
  std::erase_if(arms, [&](const TimedArm& arm) {
    const auto time = arm.measure();
    if (time) {
      times[arm.name].push_back(*time);
      return false;
    }
    fmt::print(stderr, "{}: left out: {}\n", arm.name, time.error().message);
    times.erase(arm.name);
    return true;
  });
}

}  // namespace

Times MeasureRounds(std::vector<TimedArm> arms, size_t rounds) {
  std::mt19937 random(7);
  Times times;
  for (size_t round = 0; round < rounds; ++round) Round(arms, random, times);
  return times;
}

}  // namespace whittle::bench
