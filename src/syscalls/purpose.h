// What a program wants with a call, what it does where the kernel lacks it, which right it takes, and which
// calls no program starts without. Pure; thread safe. Sources: data/meanings.csv, data/fallbacks.csv,
// data/call_capabilities.csv, data/start_needs.csv.
#pragma once

#include <optional>
#include <span>
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

// "CAP_CHOWN": without which the call fails with EPERM, for some arguments at least. Empty: none is noted.
std::string_view SyscallCapability(std::string_view name);

// A step before a program's first own instruction, of whose calls it needs one at least.
struct StartNeed {
  std::string_view programs;  // "every"; "dynamic": where a loader maps libraries first
  std::string_view calls;     // with blanks between
  std::string_view step;      // "sets up thread-local storage"
};
std::span<const StartNeed> StartNeeds();

}  // namespace whittle
