// One side of a comparison: a stack of filters, or several stacks of which each call gets one answer. Pure;
// thread safe. It refers to filters that live elsewhere.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "filter/program.h"
#include "prove/diagram.h"

namespace whittle::prove {

// What stacks of filters come to if each call gets one answer of theirs.
enum class Pointwise : uint8_t {
  kLoosest,    // the most permissive one, as the kernel orders actions; of equals the first stack's
  kStrictest,  // the strictest one; of equals the last stack's, as if they were stacked in this order
  kWithout,    // the first stack's, but EPERM where that and some other stack let the call pass
};

struct Side {
  using Stack = std::span<const filter::Program>;  // first installed first; none allows everything
  std::vector<Stack> stacks;                       // at least one
  Pointwise how = Pointwise::kStrictest;

  // Errors: kBadInput for a program that the kernel would not take.
  Result<void> Validate() const;
  filter::Verdict Evaluate(const filter::Data& call) const;
  Node Meaning(Diagrams& diagrams) const;
};

}  // namespace whittle::prove
