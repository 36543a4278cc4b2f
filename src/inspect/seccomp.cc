#include "inspect/seccomp.h"

#include <fmt/core.h>
#include <linux/seccomp.h>
#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "filter/live/read_ptrace.h"
#include "syscalls/table.h"

namespace whittle::inspect {
namespace {

using filter::SeccompMode;

constexpr int kPtraceDeadlineMs = 2000;

// By /proc alone, for want of the kernel's list of tasks, which tells who shares filters: threads with the
// same mode and number of filters are taken for alike.
std::vector<filter::ThreadSeccomp> ThreadsByProc(const Process& process) {
  std::vector<filter::ThreadSeccomp> threads;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> sets;
  const std::string folder = fmt::format("/proc/{}/task", process.pid);
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (const std::filesystem::directory_iterator end; !error && entry != end; entry.increment(error)) {
    const std::string path = entry->path().string() + "/status";
    const auto text = ReadKernelFile(path);
    const auto tid = ParseUnsigned(entry->path().filename().string());
    if (!text || !tid) continue;
    const auto status = ParseStatus(*text, path);
    if (!status) continue;
    const uint32_t count = status->seccomp_filters.value_or(status->seccomp_mode == 2 ? 1 : 0);
    const auto set =
        sets.try_emplace({status->seccomp_mode, count}, static_cast<uint32_t>(sets.size())).first->second;
    threads.push_back({static_cast<pid_t>(*tid), static_cast<SeccompMode>(status->seccomp_mode), count, set});
  }
  return threads;
}

std::vector<ThreadSet> SetsOf(std::vector<filter::ThreadSeccomp> threads, pid_t speaker) {
  // Who speaks for the process stands first, and so does its set.
  std::ranges::stable_partition(threads, [&](const auto& thread) { return thread.tid == speaker; });
  std::vector<ThreadSet> sets;
  std::map<uint32_t, size_t> places;
  for (const auto& thread : threads) {
    const auto [place, added] = places.try_emplace(thread.set, sets.size());
    if (added) sets.push_back({thread.mode, thread.filters, {}, {}});
    sets[place->second].threads.push_back(thread.tid);
  }
  return sets;
}

// Any thread of the set will do; one may end before it is read.
Result<std::vector<filter::Program>> FiltersOf(const ThreadSet& set, Ptrace ptrace, bool& by_ptrace) {
  constexpr size_t kTries = 8;
  Result<std::vector<filter::Program>> filters = Fail(ErrorCode::kBadInput, "no thread was left");
  for (size_t i = 0; i < std::min(kTries, set.threads.size()); ++i) {
    auto live = filter::ReadLiveFilters(set.threads[i]);
    if (!live && live.error().code == ErrorCode::kNotPossible && ptrace == Ptrace::kIfNeeded) {
      live = filter::ReadLiveFiltersByPtrace(set.threads[i], kPtraceDeadlineMs);
      by_ptrace = by_ptrace || live.has_value();
    }
    if (live) return std::move(live->programs);
    filters = std::unexpected(live.error());
    if (live.error().code != ErrorCode::kBadInput) break;
  }
  return filters;
}

prove::Outcomes Fixed(profile::Action action, const filter::Call& call) {
  prove::Outcomes outcomes;
  outcomes.possible.push_back({action, 0, call, 0, 0});
  return outcomes;
}

// kernel/seccomp.c, seccomp_uprobe_exception. Measured on 6.18 under a filter that refuses both with EPERM:
// made outside of a trampoline, uprobe gives ENXIO and uretprobe SIGILL. Test:
// InspectLive.TheKernelAsksNoFilterAboutUprobes.
bool IsExempt(Abi abi, std::string_view name, const KernelCalls& kernel) {
  const bool one = abi == Abi::kX86_64 && (name == "uprobe" || name == "uretprobe");
  return one && kernel.Has(abi, name) == std::optional(true);
}

// kernel/seccomp.c, mode1_syscalls: everything else is SIGKILL, which is what KILL_THREAD comes to.
bool StrictAllows(Abi abi, std::string_view name) {
  const std::string_view back = abi == Abi::kI386 ? "sigreturn" : "rt_sigreturn";
  return name == "read" || name == "write" || name == "exit" || name == back;
}

prove::AbiAnswers StrictAnswers(Abi abi) {
  prove::AbiAnswers answers;
  answers.abi = abi;
  for (const auto name : AllSyscallNames()) {
    const auto number = SyscallNumber(abi, name);
    if (!number) continue;
    const auto action = StrictAllows(abi, name) ? profile::Action::kAllow : profile::Action::kKillThread;
    answers.calls.push_back({name, *number, Fixed(action, {abi, *number}), false});
  }
  answers.unknown = Fixed(profile::Action::kKillThread, {abi, UINT32_MAX});
  return answers;
}

}  // namespace

Result<Seccomp> ReadSeccomp(const Process& process, Ptrace ptrace) {
  Seccomp seccomp;
  const auto seen = filter::ReadThreadSeccomp(process.pid);
  const auto threads = seen ? *seen : ThreadsByProc(process);
  if (threads.empty()) return Fail(ErrorCode::kBadInput, fmt::format("process {} has ended", process.pid));
  seccomp.sets = SetsOf(threads, process.speaker);
  for (auto& set : seccomp.sets) {
    if (set.mode != SeccompMode::kFilter) continue;
    auto filters = FiltersOf(set, ptrace, seccomp.by_ptrace);
    if (filters) {
      set.filters = std::move(*filters);
    } else {
      // Whether the process is there is not asked here: its filters cannot be read, whatever the reason.
      seccomp.unread = Error{ErrorCode::kNotPossible, filters.error().message};
    }
  }
  return seccomp;
}

std::vector<const CallState*> AbiState::With(prove::Passage passage) const {
  std::vector<const CallState*> found;
  for (const auto& call : calls)
    if (call.passage == passage) found.push_back(&call);
  return found;
}

Result<std::vector<AbiState>> StatesOf(const ThreadSet& set, const KernelCalls& kernel) {
  std::vector<AbiState> states;
  utsname machine{};
  uname(&machine);
  const auto oracle = TRY(prove::Oracle::Create(set.filters));
  for (const Abi abi : SiblingAbis(TRY(NativeAbi(machine.machine)))) {
    const bool strict = set.mode == SeccompMode::kStrict;
    auto answers = strict ? StrictAnswers(abi) : prove::AnswersOf(oracle, abi);
    AbiState state{abi, kernel.Serves(abi), {}, std::move(answers.unknown)};
    for (auto& answer : answers.calls) {
      const bool exempt = IsExempt(abi, answer.name, kernel);
      const auto passage = exempt ? prove::Passage::kAllowed : prove::PassageOf(answer.outcomes);
      const auto in_kernel = kernel.Has(abi, answer.name);
      state.calls.push_back({std::move(answer), passage, exempt, in_kernel});
    }
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace whittle::inspect
