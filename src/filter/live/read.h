// The filters that a living process really has, read by a BPF task iterator: the process is not stopped and
// does not notice. Needs CAP_BPF and CAP_PERFMON (root) and a kernel with BTF and CONFIG_CHECKPOINT_RESTORE.
// Ids are those of the caller's pid namespace. Thread safe: every call loads its own program.
#pragma once

#include <sys/types.h>

#include <vector>

#include "base/result.h"
#include "filter/program.h"

namespace whittle::filter {

struct LiveFilters {
  pid_t tid = 0;  // the thread that was read: the process' leader, or a live one if it is a zombie
  std::vector<Program> programs;  // the one installed first stands first; empty: no filter
};

// The filters of the process (or thread) `pid`. Errors: kBadInput if there is no such process, kNotPossible
// if rights or the kernel's help are missing.
Result<LiveFilters> ReadLiveFilters(pid_t pid);

enum class SeccompMode { kDisabled = 0, kStrict = 1, kFilter = 2 };

// A thread that is not ending.
struct ThreadSeccomp {
  pid_t tid = 0;
  SeccompMode mode = SeccompMode::kDisabled;
  uint32_t filters = 0;  // how many
  uint32_t set =
      0;  // threads with the same number have the same mode and the very same filters; 0 for the first thread
};

// Every thread of a process, by id. Same errors.
Result<std::vector<ThreadSeccomp>> ReadThreadSeccomp(pid_t process);

// A live thread of the process: its leader, or another one if that has ended. Errors: kBadInput.
Result<pid_t> LiveThread(pid_t pid);

}  // namespace whittle::filter
