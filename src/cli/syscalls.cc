// `whittle syscalls`: names and numbers, for reading audit lines and filters by hand.
#include <fmt/core.h>

#include "base/text.h"
#include "cli/verb.h"
#include "syscalls/table.h"

namespace whittle::cli {
namespace {

struct Options {
  std::string call;
};

Result<int> Run(const Options& options) {
  const auto number = ParseUnsigned(options.call);
  bool found = false;
  for (const Abi abi : AllAbis()) {
    const auto name =
        number ? SyscallName(abi, static_cast<uint32_t>(*number)) : std::string_view(options.call);
    const auto value = name ? SyscallNumber(abi, *name) : std::nullopt;
    if (!value) continue;
    fmt::print("{}\t{}\t{}\n", AbiName(abi), *name, *value);
    found = true;
  }
  if (found) return kYes;
  return Fail(ErrorCode::kBadInput,
              fmt::format("no system call '{}' on any architecture{}", Printable(options.call),
                          number ? "" : DidYouMean(options.call)));
}

}  // namespace

Verb SyscallsVerb() {
  return {"syscalls", "the number of a call, or the call of a number, on every architecture",
          "  whittle syscalls openat\n  whittle syscalls 257", [](Flags flags) {
            auto options = std::make_shared<Options>();
            flags.Positional("call", options->call, "a name or a number").Required();
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli
