// A call given as words behind a positional argument: "openat -100 0x7f00", "'clone(0x11)'".
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "syscalls/abi.h"

namespace CLI {
class App;
}

namespace whittle::cli {

// The words that the parser left, of an app with allow_extras(): CLI11 would take a negative argument for an
// option, so they are picked up here. Errors: kUsage for what is an option that `verb` does not have.
Result<std::vector<std::string>> CallWords(const CLI::App& app, const std::string& verb);

// Those words in the spelling of filter::ParseCall(); there must be one at least.
std::string CallText(const std::vector<std::string>& words);

// The ABI of --abi, or `native` if that was not given. Errors: kUsage.
Result<Abi> AbiOrNative(const std::string& given, Abi native);

}  // namespace whittle::cli
