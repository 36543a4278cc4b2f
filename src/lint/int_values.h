// What a condition comes to for what programs pass as an int of the kernel's, of which it takes the low half.
// Pure; thread safe.
#pragma once

#include <optional>

#include "profile/document.h"

namespace whittle::lint {

// Whether it holds of every int or of none; nothing where that depends on the int. An int without a sign is
// passed with zeros above it, one with a sign also with its own above it: some programs and languages do
// that, others do not. Of a mask that misses bits of its value nothing is said.
std::optional<bool> HoldsOfInts(const profile::Condition& condition, bool with_sign);

}  // namespace whittle::lint
