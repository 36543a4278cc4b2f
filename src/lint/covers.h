// Rules of one call that change nothing, since another entry answers wherever they hold. Pure; thread safe.
// Costs: quadratic in the rules of a call, up to a limit.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "filter/library.h"

namespace whittle::lint {

// What makes a rule superfluous.
struct Cover {
  const filter::FlatRule* by = nullptr;  // of another entry; it holds wherever the rule does
  bool same = false;                     // and answers the same
};

// For each of the rules of a call, which stand in the order in which they are asked. Each look at two of them
// is a step; where none are left nothing is found.
std::vector<std::optional<Cover>> CoversOf(const std::vector<filter::FlatRule>& rules,
                                           const filter::AbiRules& abi, size_t& steps_left);

}  // namespace whittle::lint
