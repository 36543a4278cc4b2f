// What to make of one refused call: what the program wanted, whether it matters, the change of the profile
// that allows just this, and what that opens. Words from tables (data/); whoever reads them decides. Pure;
// thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "filter/program.h"
#include "profile/action.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::advise {

// A refused (or logged) call, as far as it is known.
struct RefusedCall {
  filter::Call call;
  std::optional<profile::Action> action;  // what the filter answered
  uint16_t words = 0;                     // bit i: the filters looked at word i of struct seccomp_data
  int errno_value = 0;                    // what the caller got; 0: no error
  uint32_t filters = 1;                   // on the thread
  bool went_on = false;                   // the thread made more calls
  // The container runtime whose own call it is, on its way into the workload: "runc"; empty: a program's.
  std::string runtime = {};
};

// The profile behind the filter that refused it, where it is known.
struct InForce {
  profile::Document document;
  profile::Target target;
};

struct Allowance {
  std::string wanted;   // "make a directory"
  std::string matters;  // "yes: the process ended", "hardly: on ENOSYS programs take clone instead"
  // One entry of the profile's "syscalls": {"names":["mkdir"],"action":"SCMP_ACT_ALLOW"}. With conditions
  // where the filters looked at arguments. Empty where no rule can do it; then `note` says what can.
  std::string rule;
  // What else has to be so, or be changed: "take kill out of rule 1 (web.json:7) ..."; empty: nothing.
  std::string note;
  std::string risk;  // "3 of 3: loads programs into the kernel; ...; a step of 24 published flaws"
};

// With the profile the rule is tried on it, and told with what else it takes; without, the rule is told with
// the case in which it has no effect.
Allowance AllowanceFor(const RefusedCall& refused, const InForce* profile = nullptr);

}  // namespace whittle::advise
