// What a filter that was in force during a recording may have hidden. Pure; thread safe.
#pragma once

#include <string_view>

#include "evidence/evidence.h"

namespace whittle::evidence {

// The kind of the gap of a recording under a filter.
inline constexpr std::string_view kUnderFilter = "under-filter";

// Gives each recording that saw calls under a filter, and did not watch what the filter refused, a gap of
// that kind. For recorders: an import sees what its source wrote down.
void AddUnderFilterGaps(Evidence& evidence);

// What a reader of the evidence has to be told of filters, beside its gaps.
enum class HiddenByFilter {
  kNothing,       // or a gap says it already
  kWhatFollowed,  // the workload was refused calls: what it would have done next
  kRefusals,      // the workload was under a filter that nobody watched: what was refused, and what followed
};
HiddenByFilter FindHiddenByFilter(const Evidence& evidence);

}  // namespace whittle::evidence
