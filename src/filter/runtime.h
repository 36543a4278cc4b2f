// Second step: what runc, crun, or Whittle itself asks libseccomp for, given what the loader handed over.
// Pure; thread safe. Sources: runc 1.0.0 to 1.5.1 libcontainer/{specconv,seccomp,seccomp/patchbpf}, crun
// 1.8.1 and 1.29 src/libcrun/{seccomp,container}.c; docs/targets.md says how each habit was verified.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "filter/library.h"
#include "filter/loader.h"

namespace whittle::filter {

// Everything that decides verdicts, before it becomes instructions.
struct RuntimeRules {
  profile::Action default_action = profile::Action::kErrno;
  uint16_t default_data = 0;
  std::vector<Abi> abis;  // that the filter knows, the native one first
  std::vector<Addition> additions;
  std::string oversized;  // why it is more than can be asked for, and the rest is left out; else empty
  std::map<Abi, uint32_t> stub_above;  // runc's ENOSYS stub: numbers above this one
  uint16_t stub_errno = 0;             // ENOSYS as the native architecture numbers it
  bool stub_at_zero = false;  // s390, whose kernel hands over calls that it does not know as number 0
  AbiRules::Habits habits = AbiRules::Habits::kLibseccomp;
};

OrStop<RuntimeRules> ApplyRuntime(const Loaded& loaded, const profile::Target& target,
                                  std::vector<Note>& notes);

}  // namespace whittle::filter
