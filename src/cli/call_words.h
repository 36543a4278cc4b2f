// A call given as words behind a positional argument: "openat -100 0x7f00", "'clone(0x11)'".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "syscalls/abi.h"

namespace whittle::cli {

// The words of a call are those that the parser knows nothing of (Flags::OtherWords()): it would take a
// negative argument for an option. Errors: kUsage for what is an option that `verb` does not have.
Result<void> CheckCallWords(const std::vector<std::string>& words, const std::string& verb);

// Those words in the spelling of filter::ParseCall(); there must be one at least.
std::string CallText(const std::vector<std::string>& words);

// The ABI of --abi, or `native` if that was not given. Errors: kUsage.
Result<Abi> AbiOrNative(const std::string& given, Abi native);

// "unknown WHAT 'GIVEN': expected x86_64, i386, ...".
std::unexpected<Error> UnknownAbi(std::string_view what, std::string_view given);

}  // namespace whittle::cli
