// Where a filter looks at the arguments: for each architecture and number, the instruction from which on only
// the rest of the call decides. Pure; thread safe.
//
// The idea. Nearly every filter begins with questions about the architecture and the number, one constant at
// a time. These are followed with runs of values instead of single ones, each question cutting a run in at
// most three. What that leaves is a table; a diagram of a table is made without the intermediate diagrams
// that an induction over the instructions needs (reading.h), which are most of its cost.
//
// Why it is correct. A run of values takes one way through the questions that were followed, by their
// constants; the runs cover all values; where anything else is asked, computed or stored before, there is no
// table. Cost: a step for each instruction that a run passes, at most kMostSteps.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "filter/program.h"

namespace whittle::prove {

// Values from the last run's end up to `to`.
struct NumberRun {
  uint32_t to = 0;
  // The instruction from which on nothing asks for architecture or number. No cell matters there, or they
  // hold zero.
  size_t entry = 0;
};
struct ArchRun {
  uint32_t to = 0;
  std::vector<NumberRun> numbers;  // cover all numbers, in order
};

// Covers all architectures, in order. Nothing if the filter is of another kind, or too long to follow: it may
// be as good as any. The program must be as filter::Validate() wants it.
std::optional<std::vector<ArchRun>> EntriesOf(std::span<const sock_filter> program);

}  // namespace whittle::prove
