// Cgroups by what people and engines call them. Reads /proc and the mounted cgroup file systems; thread safe.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "record/cgroup.h"

namespace whittle::container {

// The cgroup that a user means: a directory ("/sys/fs/cgroup/system.slice/web.service"), or a path from a
// hierarchy's root as /proc/PID/cgroup shows it ("/system.slice/web.service"). A path that both v2 and v1
// `pids` have is v2's, unless only v1's has processes. Errors: kBadInput that says what was looked for where;
// the root of a hierarchy is everybody, and refused.
Result<record::CgroupKey> FindCgroup(const std::string& text);

// The cgroup of a container by one of its processes, which may have moved into a cgroup below it. `name`:
// what tells the container's cgroup (container::CgroupName). Errors: as record::ContainerCgroupOfProcess.
Result<record::Cgroup> CgroupOfContainer(pid_t pid, std::string_view name);

}  // namespace whittle::container
