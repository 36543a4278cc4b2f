// Arms measured side by side: every arm once in each round, in random order, so that what the machine does
// meanwhile meets all of them alike.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace whittle::bench {

// The figures of an arm, one a round: those of one round belong together.
using Times = std::map<std::string, std::vector<double>>;

struct TimedArm {
  std::string name;
  std::function<Result<double>()> measure;
};

// An arm that does not work here is left out from then on, and named on standard error.
Times MeasureRounds(std::vector<TimedArm> arms, size_t rounds);

}  // namespace whittle::bench
