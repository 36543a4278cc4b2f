// What values of arguments are called: AF_PACKET, CLONE_NEWUSER|CLONE_NEWNET. Pure; thread safe. Sources:
// data/constants.csv, data/named_arguments.csv.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "syscalls/abi.h"

namespace whittle {

// The value as it is called in that argument of that call; for flags all of them, joined by '|'. Nothing if
// there is no name, or not for every bit.
std::optional<std::string> ConstantText(Abi abi, std::string_view call, uint32_t argument, uint64_t value);

// A mask of bits; nothing where the argument takes no flags.
std::optional<std::string> FlagsText(Abi abi, std::string_view call, uint32_t argument, uint64_t mask);

}  // namespace whittle
