// What to make of one refused call: what the program wanted, whether it matters, the change of the profile
// that allows just this, and what that opens. Words from tables (data/); whoever reads them decides. Pure;
// thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "filter/program.h"
#include "profile/action.h"

namespace whittle::advise {

// A refused (or logged) call, as far as it is known.
struct RefusedCall {
  filter::Call call;
  std::optional<profile::Action> action;  // what the filter answered
  uint16_t words = 0;                     // bit i: the filters looked at word i of struct seccomp_data
  int errno_value = 0;                    // what the caller got; 0: no error
  uint32_t filters = 1;                   // on the thread
  bool went_on = false;                   // the thread made more calls
};

struct Allowance {
  std::string wanted;   // "make a directory"
  std::string matters;  // "yes: the process ended", "hardly: on ENOSYS programs take clone instead"
  // One entry of the profile's "syscalls": {"names":["mkdir"],"action":"SCMP_ACT_ALLOW"}. With conditions
  // where the filters looked at arguments. Empty where no rule can do it; then `note` says what can.
  std::string rule;
  std::string note;  // what else has to be so; empty: nothing
  std::string risk;  // "3 of 3: loads programs into the kernel; ...; a step of 24 published flaws"
};

Allowance AllowanceFor(const RefusedCall& refused);

}  // namespace whittle::advise
