// Differences of two filters as verbs print them. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "prove/prove.h"

namespace whittle::cli {

// "looser", "tighter", "other": the second against the first.
std::string_view ChangeName(prove::Change change);

// "x86_64 socket<tab>ERRNO(1) -> ALLOW<tab>as in x86_64 socket(0x10)", or "whatever the arguments".
std::string DifferenceText(const prove::Difference& difference);

// {abi, call, number, change, first, second, every_argument, example}; without abi and call where it is of
// calls that are not asked one by one.
json::Value DifferenceJson(const prove::Difference& difference);

}  // namespace whittle::cli
