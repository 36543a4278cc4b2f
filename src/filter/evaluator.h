// A stack of filters made ready for many calls: the same verdicts as EvaluateStacked(), steps included.
//
// Idea: most calls are decided by architecture and number. For each architecture that a filter compares with,
// and each number that calls have, the program is followed as far as these two lead (cache.h), once. A call
// whose way ends in a return is then one look into a table; any other one is run from where its way ended,
// which leaves the few tests of its own arguments. Why it is right: what is skipped are instructions that
// every call of that number executes alike, and the accumulator is all that they write. What it costs: about
// 1,500 ways of some ten instructions and 12 KB for a filter of three ABIs. Pure; thread safe once created.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "filter/program.h"

namespace whittle::filter {

class Evaluator {
 public:
  // Programs as Validate() wants them, first installed first; none allows everything.
  explicit Evaluator(std::span<const Program> programs);

  Verdict Of(const Call& call) const;

 private:
  // How far number and architecture lead.
  struct Way {
    uint32_t value = 0;  // what is returned; else what the accumulator holds
    uint16_t steps = 0;  // executed
    uint16_t at = 0;     // where to go on; kReturned: nowhere
  };
  static constexpr uint16_t kReturned = UINT16_MAX;
  static constexpr uint32_t kNumbers =
      512;  // the largest number of a call is below, counted from its ABI's first

  struct Filter {
    Program program;
    std::vector<Way> ways;              // kNumbers for each ABI that has a row
    std::array<int, kAbiCount> rows{};  // by ABI: where its ways begin; negative: it has none
  };

  static Filter Prepare(Program program);
  static const Way* Find(const Filter& filter, const Call& call);
  Verdict OfStack(const Call& call) const;

  std::vector<Filter> filters_;
};

}  // namespace whittle::filter
