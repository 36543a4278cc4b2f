// How many arguments a call takes, so that a register that only happens to hold something is not shown as
// one. Pure; thread safe. Source: data/arguments.csv.
#pragma once

#include <cstdint>

#include "syscalls/abi.h"

namespace whittle {

// 0 to 6. Six for a number without a name, for a call whose count is not known, and where padding differs by
// ABI.
uint32_t ArgumentCount(Abi abi, uint32_t number);

}  // namespace whittle
