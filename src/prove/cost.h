// Which calls of an ABI the kernel serves from its cache of verdicts, and what the filters cost the others
// (filter/cache.h). Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profile/target.h"
#include "prove/outcomes.h"

namespace whittle::prove {

struct CallCost {
  std::string_view name;
  uint32_t number = 0;  // as it stands in seccomp_data.nr
  bool cached = false;  // no filter runs
  uint32_t steps = 0;   // instructions at most, over one call for each answer; 0 if it is cached
  Passage passage = Passage::kBlocked;
};

// What every call of the ABI gets, names or not, if it is killed whatever its arguments are: "KILL_THREAD".
// Nothing for others.
std::optional<std::string> KilledAsAWhole(const Oracle& oracle, Abi abi);

// Every call of the table, by name. `oracle` is that of `programs`; `native` is the kernel's own ABI.
std::vector<CallCost> CostsOf(const Oracle& oracle, std::span<const filter::Program> programs, Abi abi,
                              const profile::Version& kernel, Abi native);

}  // namespace whittle::prove
