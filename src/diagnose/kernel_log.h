// What /proc and the kernel's log tell. Needs root for most of it. Thread safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "diagnose/facts.h"

namespace whittle::diagnose {

// The lines of the kernel's ring (/dev/kmsg), oldest first, and the end of auditd's log where there is one.
// Errors: kNotPossible.
Result<std::vector<std::string>> ReadKernelLog();

// What /proc tells of a process; nothing if it is gone.
std::optional<ProcessFacts> ReadProcess(pid_t pid);

// The process in the cgroup of the container that should become its first one, and waits or hangs.
std::optional<ProcessFacts> FindStarting(const std::string& container_id);

// The OCI configuration with which that process was made: what stands in the folder of who made it. Empty if
// there is none.
std::string ConfigOf(const ProcessFacts& process);

}  // namespace whittle::diagnose
