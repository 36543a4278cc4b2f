// What values of arguments are called: AF_PACKET, CLONE_NEWUSER|CLONE_NEWNET. Pure; thread safe. Sources:
// data/constants.csv, data/named_arguments.csv.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syscalls/abi.h"

namespace whittle {

// The value as it is called in that argument of that call; for flags all of them, joined by '|'. Nothing if
// there is no name, or not for every bit.
std::optional<std::string> ConstantText(Abi abi, std::string_view call, uint32_t argument, uint64_t value);

// A mask of bits; nothing where the argument takes no flags.
std::optional<std::string> FlagsText(Abi abi, std::string_view call, uint32_t argument, uint64_t mask);

// The other way: the value of one name of that argument. Nothing if it has no such name.
std::optional<uint64_t> ConstantValue(Abi abi, std::string_view call, uint32_t argument,
                                      std::string_view name);

// What the kernel calls such an argument: "family" of socket; empty if its values have no names there.
std::string_view ParameterName(Abi abi, std::string_view call, uint32_t argument);

// The arguments of a call whose values have names there, rising; none of most calls.
std::vector<uint32_t> NamedArguments(Abi abi, std::string_view call);

// What an argument's values are called.
struct NamedValue {
  std::string_view name;
  uint64_t value = 0;
};
struct NamedValues {
  bool flags = false;  // any of them together; else one of them
  std::vector<NamedValue> values;
};
// Nothing if that argument of that call has no names there.
std::optional<NamedValues> ValuesOfArgument(Abi abi, std::string_view call, uint32_t argument);

}  // namespace whittle
