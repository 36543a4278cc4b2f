// How sure can one be that nothing is missing? Calls are species, epochs (or replicas, or runs) are sampling
// units: from how many units showed what no other unit showed, one can estimate what the next unit will bring
// and how many calls were not seen yet. Estimates, never certainty: they speak about more of the same load,
// not about what was never exercised (phases.h). Formulas, sources, what was checked: docs/completeness.md.
// Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/evidence.h"
#include "evidence/incidence.h"

namespace whittle::evidence {

// Below this many units the estimates rest on too little to be shown without saying so.
inline constexpr uint64_t kFewUnits = 20;

// A value with its 95 % interval: in at least 93 % of simulated workloads it holds the truth.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

struct Completeness {
  UnitKind kind = UnitKind::kEpoch;
  uint64_t units = 0;
  uint64_t calls = 0;      // different calls seen in these units
  uint64_t once = 0;       // of these, seen in one unit only
  uint64_t twice = 0;      // in two
  uint64_t news = 0;       // units that show a call which no other unit shows
  uint64_t ends_only = 0;  // calls seen only at a start or an end, about which the estimates say nothing
  uint64_t starts = 0;     // how many starts were seen: the sample of those
  // Good-Turing: the chance that one more unit of the same load shows nothing new, 0 to 1. Of epochs: on
  // average over a further recording of a fifth of the time.
  Estimate coverage;
  double chao2 = 0;              // a lower bound, in expectation, of the calls that were not seen
  uint64_t unseen_at_least = 0;  // so many at least were not seen: true in 95 %. There is no upper end
  bool few_units = false;        // fewer than kFewUnits: say "too few" beside the figures
};

// Nothing if there are fewer than two units: no estimate is possible.
std::optional<Completeness> EstimateCompleteness(const Incidence& incidence);

// By every kind of unit that the evidence has at least two of; replicas only where they are not the runs.
// The first is the one to rely on.
struct Assessment {
  std::vector<Completeness> by_kind;  // may be empty
  std::string why;   // that one; a clause: "25 runs are enough, and each has its start and end"
  size_t calls = 0;  // different calls of the workload

  bool known() const { return !by_kind.empty(); }
  const Completeness& best() const { return by_kind.front(); }  // must be known
};
Assessment AssessCompleteness(const Evidence& evidence);

}  // namespace whittle::evidence
