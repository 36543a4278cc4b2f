#include <fmt/core.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "base/process.h"
#include "base/text.h"
#include "container/capabilities.h"
#include "container/child.h"
#include "container/foreground.h"
#include "container/run.h"
#include "container/target.h"
#include "container/watch.h"
#include "syscalls/table.h"

namespace whittle::container {
namespace {

constexpr int kPollMs = 50;

// The filter's last word before the program: if it refuses execve, nothing can start.
Result<void> RequireExecve(const profile::Document& document, const filter::Program& program, Abi native) {
  const auto number = SyscallNumber(native, "execve");
  filter::Call call;
  call.abi = native;
  call.number = number.value_or(0);
  if (!Refuses(program, call)) return {};
  return Fail(
      ErrorCode::kBadInput,
      fmt::format("{}: it refuses execve, so no command can be started under it: generate it with --runtime "
                  "none, or allow execve",
                  document.file));
}

Result<uint32_t> FilterFlags(const profile::Document& document) {
  uint32_t flags = 0;
  for (const auto& name : document.flags) {
    if (name == "SECCOMP_FILTER_FLAG_LOG") {
      flags |= SECCOMP_FILTER_FLAG_LOG;
    } else if (name == "SECCOMP_FILTER_FLAG_SPEC_ALLOW") {
      flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    } else if (name != "SECCOMP_FILTER_FLAG_TSYNC") {  // there is one thread
      return Fail(ErrorCode::kBadInput, fmt::format("{}: flag {} cannot be used here: expected "
                                                    "SECCOMP_FILTER_FLAG_LOG, _SPEC_ALLOW or _TSYNC",
                                                    document.file, Printable(name)));
    }
  }
  return flags;
}

Result<ChildPlan> MakePlan(const profile::Document& document, const std::vector<std::string>& words,
                           const profile::Target& target) {
  ChildPlan plan;
  plan.filter = TRY(CompileOrRefuse(document, target));
  plan.filter_flags = TRY(FilterFlags(document));
  TRY(RequireExecve(document, plan.filter, target.arch));
  plan.program = FindProgram(words.front());
  if (plan.program.empty()) {
    return Fail(ErrorCode::kBadInput, fmt::format("no program '{}': it is not in PATH, or no executable file",
                                                  Printable(words.front())));
  }
  plan.words = words;
  plan.no_new_privs = target.no_new_privs ? filter::NoNewPrivs::kSet : filter::NoNewPrivs::kLeave;
  return plan;
}

}  // namespace

Result<RunOutcome> RunCommand(const profile::Document& document, const std::vector<std::string>& words,
                              Output output) {
  RunOutcome outcome;
  const HostTarget host = TRY(TargetOfCommand());
  outcome.target = host.target;
  ChildPlan plan = TRY(MakePlan(document, words, outcome.target));
  plan.output = output;
  record::Options options;
  options.target = "command " + Join(words, " ");
  Watch watch = Watch::Create(std::move(options), plan.filter);
  HeldChild child = TRY(HeldChild::Start(plan));
  const Foreground foreground(child.pid());
  if (watch.recorder() != nullptr) {
    if (const auto added = watch.recorder()->AddChild(child.pid()); !added)
      watch.GiveUp(added.error().message);
  }
  child.Release();
  std::optional<int> code;
  while (!(code = child.TryWait())) watch.Poll(kPollMs);
  outcome.exit_code = *code;
  watch.SayEnded(*code);
  watch.Finish(outcome);
  if (auto failure = child.Failure()) return std::unexpected(std::move(*failure));
  return outcome;
}

}  // namespace whittle::container
