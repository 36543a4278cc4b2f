// --counts and --per, of `show` and `merge`: in how many runs or replicas each call was seen.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/flags.h"
#include "evidence/evidence.h"

namespace whittle::cli {

struct CountsFlags {
  bool wanted = false;
  std::string per;  // "run", "replica"; empty: what the evidence has several of
};

// Adds both; returns --counts. `counts` must outlive the parsing.
Flag AddCountsFlags(Flags flags, CountsFlags& counts);

// Prints the counts on standard output, and on standard error what they count. Returns kYes.
Result<int> PrintCounts(const evidence::Evidence& evidence, const CountsFlags& flags, bool as_json);

}  // namespace whittle::cli
