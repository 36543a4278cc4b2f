// The result of attack attempts inside a container, as an attack program prints it: a JSON list of
// {"name", "call", "outcome": "refused|succeeded|failed|killed", "errno", "error"}. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace whittle::report {

struct Attack {
  std::string name;     // what the attempt is after, for people
  std::string call;     // the call it makes
  std::string outcome;  // "refused" (by a filter), "succeeded", "failed" (for another reason), "killed"
  std::string error;    // "EPERM"; empty if there was none
};

// Errors: kBadInput with file, line, column. Members that are not listed above are ignored.
Result<std::vector<Attack>> ReadAttacks(std::string_view text, const std::string& file);

}  // namespace whittle::report
