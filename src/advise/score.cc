#include "advise/score.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "syscalls/facts.h"

namespace whittle::advise {
namespace {

enum Part : uint8_t { kOpen, kRisk, kFlaws, kAbis, kParts };
using Sums = std::array<ScorePart, kParts>;

CallPoints PointsOf(const AskedCall& call) {
  CallPoints points{call.name, kPointsOpen, 0, 0, call.depends()};
  if (const auto risk = SyscallRisk(call.name)) points.risk = kPointsOfRisk[risk->level];
  for (const auto& pair : CvePairsOf(call.name))
    points.flaws += pair.published ? kPointsPublished : kPointsDerived;
  points.flaws = std::min(points.flaws, kMostPointsOfFlaws);
  if (points.halved) {
    points.open /= 2;
    points.risk /= 2;
    points.flaws /= 2;
  }
  return points;
}

std::vector<CallPoints> PassingCalls(const Surface& surface) {
  std::vector<CallPoints> calls;
  for (const auto& call : surface.calls) {
    if (call.passes()) calls.push_back(PointsOf(call));
  }
  std::ranges::stable_sort(calls, std::greater{}, &CallPoints::sum);
  return calls;
}

void Add(ScorePart& part, uint64_t points) {
  part.points += points;
  part.count += points > 0 ? 1 : 0;
}

Sums SumsOf(const std::vector<CallPoints>& calls, size_t other_abis) {
  Sums sums{};
  sums[kOpen].name = "open calls";
  sums[kRisk].name = "noted risks";
  sums[kFlaws].name = "published flaws";
  sums[kAbis].name = "other ABIs";
  for (const auto& call : calls) {
    Add(sums[kOpen], call.open);
    Add(sums[kRisk], call.risk);
    Add(sums[kFlaws], call.flaws);
  }
  sums[kAbis].points = other_abis * kPointsOfAbi;
  sums[kAbis].count = other_abis;
  return sums;
}

}  // namespace

Score ScoreOf(const Surface& surface) {
  const Surface whole = WholeSurface(surface.native);
  const Sums most = SumsOf(PassingCalls(whole), whole.other_abis.size());
  Score score;
  score.calls = PassingCalls(surface);
  const Sums sums = SumsOf(score.calls, surface.other_abis.size());
  for (size_t i = 0; i < sums.size(); ++i) {
    score.parts.push_back(sums[i]);
    score.parts.back().most = most[i].points;
    score.points += sums[i].points;
    score.most += most[i].points;
  }
  return score;
}

}  // namespace whittle::advise
