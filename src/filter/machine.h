// What Evaluate() and the Evaluator share: running a program, or the rest of it, and what a stack comes to.
// Pure; thread safe (values).
#pragma once

#include <linux/seccomp.h>

#include <cstdint>
#include <span>

#include "filter/program.h"

namespace whittle::filter {

// What a program returned, before anyone asks what it means.
struct Returned {
  uint32_t value = 0;
  uint32_t steps = 0;
};
Verdict VerdictOf(const Returned& returned);

// The state in which a run begins. What is not here is zero.
struct Begin {
  uint32_t at = 0;
  uint32_t accumulator = 0;
  uint32_t steps = 0;  // executed already
};
Returned RunFrom(std::span<const sock_filter> program, const Data& data, const Begin& begin);

// What the kernel makes of the answers of stacked filters, which must be added newest first; of none: ALLOW.
class Strictest {
 public:
  void Add(const Returned& returned);
  Returned returned() const { return {value_, steps_}; }

 private:
  uint32_t value_ = SECCOMP_RET_ALLOW;
  uint32_t steps_ = 0;
  bool any_ = false;
};

}  // namespace whittle::filter
