// The compiler held against the oracle, one document at a time, with what was seen on the way. Not thread
// safe.
#pragma once

#include <string>
#include <vector>

#include "filter/passes.h"
#include "oracle.h"
#include "random_case.h"

namespace whittle::oracle {

struct Tally {
  uint64_t documents = 0;
  uint64_t unconfined = 0;
  uint64_t refused = 0;
  uint64_t verdicts = 0;       // of the filter with all passes
  uint64_t pass_verdicts = 0;  // of filters with other sets of passes
  uint64_t instructions = 0;
  uint64_t reached_by_diagram = 0;  // not by a call that was made up, but by one that the prover found
  uint64_t unreachable = 0;         // by any call
  std::vector<std::string> unreachable_places;  // some of them
  HabitCounts habits{};
};

// All sets of passes: all, none, each alone, all but each.
std::vector<std::pair<std::string, filter::PassSet>> PassSets();

// The first difference, told so that it can be looked into; empty if there is none. `round` chooses, besides
// all passes and none, the set of passes that is tried.
std::string FirstDifference(const Case& made, size_t calls, size_t round, Tally& tally);

// What was counted, for people: a few lines.
std::string Text(const Tally& tally);
// The habits of targets that never were at work.
std::vector<std::string> NeverMet(const Tally& tally);

}  // namespace whittle::oracle
