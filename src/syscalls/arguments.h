// How many arguments a call takes, so that a register that only happens to hold something is not shown as
// one, and what the kernel takes them for. Pure; thread safe. Sources: data/arguments.csv,
// data/argument_types.csv.
#pragma once

#include <cstdint>
#include <string_view>

#include "syscalls/abi.h"

namespace whittle {

// 0 to 6. Six for a number without a name, for a call whose count is not known, and where padding differs by
// ABI.
uint32_t ArgumentCount(Abi abi, uint32_t number);

// What the kernel takes an argument for where registers hold 64 bits. Of an int it uses the low half only.
enum class ArgumentKind : uint8_t { kUnknown, kPointer, kInt, kUnsignedInt, kSignedWord, kWord };
ArgumentKind KindOfArgument(std::string_view call, uint32_t argument);
// On one ABI: s390's clone has the stack first and the flags second, all others' the flags first.
ArgumentKind KindOfArgument(Abi abi, std::string_view call, uint32_t argument);
// Signed or not: the kernel takes no more than the low half of it.
bool IsInt(std::string_view call, uint32_t argument);

}  // namespace whittle
