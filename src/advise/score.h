// A number for what a profile leaves open, to compare profiles on one target with: the sum of parts that are
// shown (docs/score.md has the formula). Ours to judge, not a probability. Pure; thread safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "advise/surface.h"

namespace whittle::advise {

// docs/score.md. All even, so that half of them is a whole number.
inline constexpr uint64_t kPointsOpen = 2;                   // for a call that passes
inline constexpr uint64_t kPointsOfRisk[] = {0, 4, 12, 40};  // by its level in data/risk.csv
inline constexpr uint64_t kPointsPublished = 4;              // for a flaw whose source names the call
inline constexpr uint64_t kPointsDerived = 2;                // for one where the call was concluded
inline constexpr uint64_t kMostPointsOfFlaws = 40;           // of a call
inline constexpr uint64_t kPointsOfAbi = 20;                 // for another ABI of which some call passes

// Half of the call's points if it passes for some arguments only.
struct CallPoints {
  std::string_view name;
  uint64_t open = 0, risk = 0, flaws = 0;
  bool halved = false;

  uint64_t sum() const { return open + risk + flaws; }
};

struct ScorePart {
  std::string_view name;  // "open calls", "noted risks", "published flaws", "other ABIs"
  uint64_t points = 0;
  uint64_t most = 0;   // where nothing is filtered
  uint64_t count = 0;  // of calls, or ABIs, that add to it
};

struct Score {
  uint64_t points = 0;  // the sum of the parts
  uint64_t most = 0;    // the same sum where nothing is filtered
  std::vector<ScorePart> parts;
  std::vector<CallPoints> calls;  // that pass; the most points first, then by name

  double percent() const { return 100.0 * static_cast<double>(points) / static_cast<double>(most); }
};

Score ScoreOf(const Surface& surface);

}  // namespace whittle::advise
