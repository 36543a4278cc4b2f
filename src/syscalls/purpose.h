// What a program wants with a call, and what it does where the kernel lacks it. Pure; thread safe. Sources:
// data/meanings.csv, data/fallbacks.csv.
#pragma once

#include <optional>
#include <string_view>

#include "syscalls/abi.h"

namespace whittle {

// "make a directory": what follows "it wanted to". Nothing for a call that is not in the table.
std::optional<std::string_view> SyscallMeaning(std::string_view name);

// A new call that libcs and programs do without on ENOSYS, and not on EPERM.
struct Fallback {
  std::string_view also;    // "clone"; "none needed"
  std::string_view reason;  // "glibc starts threads with clone3 and falls back to clone"
};
std::optional<Fallback> SyscallFallback(Abi abi, std::string_view name);

}  // namespace whittle
