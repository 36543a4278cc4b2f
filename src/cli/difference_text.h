// Differences of two filters as verbs print them. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "prove/prove.h"

namespace whittle::cli {

// "looser", "tighter", "other": the second against the first.
std::string_view ChangeName(prove::Change change);

// A difference, and the last number up to which it is the same: of calls that have a name it is one number.
struct SameDifference {
  const prove::Difference* first = nullptr;
  uint32_t to = 0;
};
// Numbers without a name that follow one another, and differ in the same way whatever the arguments are, are
// one. What they are of must outlive them.
std::vector<SameDifference> InRanges(const std::vector<const prove::Difference*>& differences);

// "x86_64 socket<tab>ERRNO(1) -> ALLOW<tab>as in x86_64 socket(0x10)", or "whatever the arguments"; of more
// numbers "x86_64 #463 to #511".
std::string DifferenceText(const SameDifference& difference);
std::string DifferenceText(const prove::Difference& difference);

// {abi, call, number, to, change, first, second, every_argument, example}; without abi and call for those
// calls that are not asked one by one, `to` only of several numbers.
json::Value DifferenceJson(const SameDifference& difference);
json::Value DifferenceJson(const prove::Difference& difference);

}  // namespace whittle::cli
