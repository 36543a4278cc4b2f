// The values of an argument for which conditions hold. Pure; thread safe.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "profile/document.h"

namespace whittle::lint {

// It holds, whatever the argument.
bool Always(const profile::Condition& condition);

// From the first value to the last, in any order.
using Ranges = std::vector<std::pair<uint64_t, uint64_t>>;

// Where one of them holds. None of a mask, unless it always holds.
Ranges RangesOf(const std::vector<profile::Condition>& conditions);
// One of them has it, whatever the argument.
bool CoverEverything(Ranges ranges);
// All but so many values at most.
bool CoverAllBut(uint64_t few, Ranges ranges);

}  // namespace whittle::lint
