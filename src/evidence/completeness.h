// How sure can one be that nothing is missing? Calls are species, epochs are sampling units: from how many
// calls were seen in one epoch only, and in two, one can estimate what the next epoch will bring and how many
// calls were not seen yet. Estimates, never certainty: they speak about more of the same load, not about what
// was never exercised. Formulas, sources and limits: docs/completeness.md. Pure; thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/evidence.h"

namespace whittle::evidence {

// Below this many epochs the estimates rest on too little to be shown without saying so.
inline constexpr uint64_t kFewEpochs = 20;

// In how many units each call was seen. A unit is an epoch of a recording in which the group made any call at
// all, without the epochs of its start and its end (where the recording saw them): what happens once in a
// life is no sample of the load, so its units are lives, not epochs. What became of the call does not matter:
// a refused call was needed, too.
struct Incidence {
  uint64_t units = 0;
  std::map<std::pair<Abi, uint32_t>, uint64_t> seen;  // 0: only at the start or the end
  uint64_t starts = 0;                                // recordings that saw a start
};

using SubjectFilter = std::function<bool(const Subject&)>;
Incidence IncidenceOf(const Evidence& evidence, const SubjectFilter& filter);
Incidence IncidenceOfWorkload(const Evidence& evidence);
Incidence IncidenceOfContainer(const Evidence& evidence, std::string_view container);  // its workload
Incidence IncidenceOfSubject(const Evidence& evidence, const Subject& subject);

// A value with its 95 % interval.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

struct Completeness {
  uint64_t units = 0;
  uint64_t calls = 0;      // different calls seen in these units
  uint64_t once = 0;       // of these, seen in one unit only (Q1)
  uint64_t twice = 0;      // in two (Q2)
  uint64_t ends_only = 0;  // calls seen only at a start or an end, about which the estimates say nothing
  uint64_t starts = 0;     // how many starts were seen: the sample of those
  Estimate coverage;       // Good-Turing: the chance that the next unit shows nothing new; 0 to 1
  Estimate unseen;         // Chao2: calls that exist under this load and were not seen; a lower bound
  bool few_units = false;  // fewer than kFewEpochs: say "too few epochs" beside the figures
};

// Nothing if there are fewer than two units: no estimate is possible.
std::optional<Completeness> EstimateCompleteness(const Incidence& incidence);

// A phase of a workload's life that a recording may have exercised.
struct Phase {
  std::string_view name;  // as in Recording::exercised
  std::string_view what;  // for people: "how it reloads its configuration"
};
std::span<const Phase> KnownPhases();
// Those that no recording of the evidence exercised.
std::vector<Phase> PhasesNotExercised(const Evidence& evidence);

}  // namespace whittle::evidence
