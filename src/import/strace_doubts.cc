#include "import/strace_doubts.h"

#include <fmt/core.h>

#include <vector>

#include "base/text.h"

namespace whittle::import {
namespace {

// Of a trace that begins with running processes nobody knows whether their numbers are those that calls
// return. To more of them than say so at its beginning strace may have attached.
void TellOfProcesses(Tally& tally, Processes& processes, bool started, bool attached) {
  constexpr std::string_view kUnseen =
      "processes were made of which the trace has no line: strace without -f, without files of -ff, or with "
      "calls and ends left out (-e trace=, -qq)";
  if (!started) processes.Renumbered();
  const Processes::Missing missing = processes.Unseen();
  if (missing.surely > 0) tally.Lose("untraced", std::string(kUnseen), missing.surely);
  if (missing.perhaps > 0) tally.Lose("untraced", fmt::format("possible: {}", kUnseen), missing.perhaps);
  const uint64_t unmade = processes.Unmade();
  if (!started || attached || unmade == 0) return;
  tally.Lose(
      "left-out",
      "possible: processes have lines that no call of the trace made: calls were left out (-e trace=), "
      "lines are missing, or they were attached to (-p)",
      unmade);
}

}  // namespace

void StraceSeen::Tell(Tally& tally, Processes& processes, bool alive) const {
  if (started) tally.Exercised("start");
  if (end && !alive) tally.Exercised("shutdown");
  if (call && !started && attached) {
    tally.Lose("late-attach", "attached to a running process: start-up calls were not seen");
  } else if (call && !started) {
    tally.Lose("late-attach",
               "possible: the trace does not begin with an execve: start-up calls were not seen");
  }
  TellOfProcesses(tally, processes, started, attached);
  if (call && exited && !exit_call) {
    tally.Lose(
        "left-out",
        "possible: processes ended, and no call by which they do is in the trace: strace left calls out "
        "(-e trace=, -z)");
  }
}

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
