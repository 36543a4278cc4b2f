// What seccomp does to a process: its mode, thread by thread, the filters that it really has, and what they
// answer to every call. Thread safe.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "filter/live/read.h"
#include "inspect/kernel_calls.h"
#include "inspect/process.h"
#include "prove/answers.h"

namespace whittle::inspect {

// Threads that have the very same filters.
struct ThreadSet {
  filter::SeccompMode mode = filter::SeccompMode::kDisabled;
  uint32_t count = 0;  // of filters, as the kernel counts them
  std::vector<pid_t> threads;
  std::vector<filter::Program> filters;  // first installed first; empty also if they could not be read
};

struct Seccomp {
  std::vector<ThreadSet> sets;  // the one of the process' leader (or who speaks for it) first
  // Why filters could not be read, and what would help; nothing if they were, or there is none.
  std::optional<Error> unread;
  bool by_ptrace = false;  // the threads were stopped for it

  const ThreadSet& main() const { return sets.front(); }
  // Different sets: a thread has filters that others have not.
  bool differs() const { return sets.size() > 1; }
};

enum class Ptrace { kNever, kIfNeeded };

// Errors: kBadInput if the process ended meanwhile.
Result<Seccomp> ReadSeccomp(const Process& process, Ptrace ptrace);

// One call under the filters of a set.
struct CallState {
  prove::CallAnswer answer;
  prove::Passage passage = prove::Passage::kAllowed;
  // The kernel does not ask filters about it: uprobe and uretprobe, which only its own trampolines make.
  bool exempt = false;
  std::optional<bool> in_kernel;  // does the running kernel have it? Nothing: it cannot be told
};

struct AbiState {
  Abi abi = Abi::kX86_64;
  std::optional<bool> served;  // by the running kernel
  std::vector<CallState> calls;
  prove::Outcomes unknown;  // what numbers get that are no call

  std::vector<const CallState*> With(prove::Passage passage) const;
};

// Every ABI of this machine, the native one first; for mode kStrict what the kernel itself lets through. Must
// not be asked of a set whose filters were not read. Errors: kNotPossible on a machine that is not known.
Result<std::vector<AbiState>> StatesOf(const ThreadSet& set, const KernelCalls& kernel);

}  // namespace whittle::inspect
