// `whittle inspect`: what confines a running process, without stopping it and without running anything in
// its container.
#include <fmt/core.h>
#include <unistd.h>

#include "base/progress.h"
#include "base/text.h"
#include "cli/verb.h"
#include "container/engines.h"
#include "inspect/inspection.h"
#include "inspect/json.h"
#include "inspect/text.h"

namespace whittle::cli {
namespace {

struct Options {
  int64_t pid = 0;
  std::string container;
  bool json = false;
  bool calls = false;
  bool ptrace = false;
};

Result<pid_t> ProcessOf(const Options& options, const container::Engines& engines) {
  if (options.container.empty()) return options.pid == 0 ? ::getpid() : static_cast<pid_t>(options.pid);
  const auto info = TRY(engines.Get(options.container));
  if (info.running()) return info.pid;
  return Fail(ErrorCode::kBadInput, fmt::format("container '{}' does not run: it is {}", Printable(info.name),
                                                Printable(info.state)));
}

void Print(const Options& options, const inspect::Inspection& inspection) {
  if (options.json) {
    fmt::print("{}", json::Write(inspect::InspectionJson(inspection)));
  } else if (options.calls) {
    fmt::print("{}", inspect::CallLines(inspection));
    if (inspection.seccomp.main().mode == filter::SeccompMode::kDisabled) {
      fmt::print(stderr, "note: thread {} has no filter: every call is let through, and none is listed\n",
                 inspection.process.speaker);
    }
  } else {
    const auto colour = ColourAllowed(STDOUT_FILENO) ? inspect::Colour::kYes : inspect::Colour::kNo;
    fmt::print("{}", inspect::InspectionText(inspection, colour));
  }
}

Result<int> Run(const Options& options) {
  const auto engines = container::Engines::Find();
  const pid_t pid = TRY(ProcessOf(options, engines));
  if (options.ptrace) {
    fmt::print(
        stderr,
        "warning: where filters cannot be read otherwise, --ptrace stops the thread for a moment: a wait "
        "of it may end early with EINTR\n");
  }
  const auto ptrace = options.ptrace ? inspect::Ptrace::kIfNeeded : inspect::Ptrace::kNever;
  const auto inspection = TRY(inspect::Inspect(pid, ptrace, engines));
  Print(options, inspection);
  if (inspection.seccomp.unread) return std::unexpected(*inspection.seccomp.unread);
  return kYes;
}

}  // namespace

Verb InspectVerb() {
  return {"inspect", "what confines a running process: seccomp call by call, capabilities, namespaces, ...",
          "  sudo whittle inspect --container web\n  sudo whittle inspect --pid 1234 --calls | grep blocked\n"
          "  whittle inspect\n\n"
          "The process is not stopped, and nothing runs inside its container.",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            const Flag pid =
                flags.Option("--pid", options->pid, "a process, or a thread (default: whittle itself)")
                    .Between(1, INT32_MAX);
            flags.Option("--container", options->container, "the first process of a container, by name or id")
                .Excludes(pid);
            flags.Switch("--calls", options->calls, "every call of every ABI, one tab-separated line each");
            flags.Switch("--ptrace", options->ptrace,
                         "if there is no other way, read filters by ptrace, which disturbs the process");
            flags.Switch("--json", options->json, "one JSON document (docs/inspect.md)");
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli
