// A diagram of a call's arguments as rules: one for each path, of masked equalities only, which every runtime
// and library reads alike. Paths exclude each other, so the order of the rules does not matter. Pure.
#pragma once

#include <optional>
#include <vector>

#include "algebra/ideal.h"
#include "profile/document.h"

namespace whittle::algebra {

// A rule without its names.
struct Body {
  std::vector<profile::Condition> conditions;  // empty: always
  profile::Action action = profile::Action::kAllow;
  uint16_t data = 0;
  bool operator==(const Body&) const = default;
};

// The leaves are codes of answers (ideal.h); those that a default of `otherwise` gives as well need no rule.
// Nothing if there are too many paths, or if something else than arguments matters.
std::optional<std::vector<Body>> CubesOf(const prove::Diagrams& diagrams, prove::Node node, Abi abi,
                                         const Answer& otherwise);

// True if no rule has to say it where `otherwise` is the default.
bool IsDefault(const Answer& answer, const Answer& otherwise);

}  // namespace whittle::algebra
