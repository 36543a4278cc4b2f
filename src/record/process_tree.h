// The threads of running processes, by /proc. Thread safe.
#pragma once

#include <sys/types.h>

#include <set>
#include <vector>

namespace whittle::record {

// Thread ids of a process; empty if it is gone.
std::vector<pid_t> ThreadsOf(pid_t pid);
// The process and everything below it, by parent; without it if it is gone.
std::set<pid_t> ProcessTree(pid_t pid);

}  // namespace whittle::record
