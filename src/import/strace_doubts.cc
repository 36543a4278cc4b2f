#include "import/strace_doubts.h"

#include <fmt/core.h>

#include <vector>

#include "base/text.h"

namespace whittle::import {

void StraceDoubts::Tell(Tally& tally, Abi native) const {
  if (injected > 0) {
    tally.Lose("injected",
               "possible: strace answered calls itself (-e inject): the program may have gone another way",
               injected);
  }
  if (!hidden.empty()) {
    tally.Lose("merged-names",
               fmt::format("possible: strace shows what socketcall and ipc do under names of other calls: {} "
                           "count as both (-n tells them apart)",
                           Printable(Join(std::vector(hidden.begin(), hidden.end()), ", "))));
  }
  if (!foreign.empty()) {
    const std::string names = Printable(Join(std::vector(foreign.begin(), foreign.end()), ", "));
    const std::string text = fmt::format(
        "calls that {} does not have were seen ({}): a process ran in another mode for a while, and the "
        "trace cannot say which of the calls that both have were made in it",
        AbiName(native), names);
    tally.Lose("mixed-abi", "possible: " + text);
    tally.Warn(text);
  }
  for (const auto& name : unbelieved) {
    tally.Warn(
        fmt::format("'{}' reached the kernel although the profile refuses it: it was not always in force",
                    Printable(name)));
  }
}

}  // namespace whittle::import
