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

// What a document may cost, with all that are inside of it: about so many looks at two conditions. Made for
// that, it would take minutes.
constexpr size_t kLooks = 10'000'000;
// Pays for something; false, and nothing is left, if there is not enough.
bool Pay(size_t price, size_t& looks_left);

bool SameAnswer(const filter::FlatRule& a, const filter::FlatRule& b);

// For each of the rules of a call, which stand in the order in which they are asked. Where no looks are left
// nothing is found.
std::vector<std::optional<Cover>> CoversOf(const std::vector<filter::FlatRule>& rules,
                                           const filter::AbiRules& abi, size_t& looks_left);

}  // namespace whittle::lint
