// Control groups by number: how the recorder names a container. Reads /proc and the mounted cgroup file
// systems; thread safe.
//
// A container is named by the id of its cgroup v2, which stays the same through threads, forks, nested
// namespaces and `docker exec`. Where a runtime leaves v2 at the root (crun on a host that mixes v1 and v2),
// the id of its v1 `pids` cgroup does it. The number spaces of v1 and v2 are separate, so a key is tagged.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace whittle::record {

struct CgroupKey {
  uint64_t value = 0;  // the cgroup's id (kernfs), with kV1Tag if it belongs to the v1 `pids` hierarchy
  static constexpr uint64_t kV1Tag = uint64_t{1} << 63;
  bool v1() const { return (value & kV1Tag) != 0; }
  uint64_t id() const { return value & ~kV1Tag; }
  auto operator<=>(const CgroupKey&) const = default;
};

// A cgroup of one of the two hierarchies that count.
struct Cgroup {
  CgroupKey key;
  std::string path;  // as /proc/PID/cgroup shows it, from the hierarchy's root: "/docker/4f1a..."
};

// Where the two hierarchies are mounted; an empty string if one is not.
struct CgroupMounts {
  std::string v2;       // "/sys/fs/cgroup" or "/sys/fs/cgroup/unified"
  std::string v1_pids;  // "/sys/fs/cgroup/pids"
};
CgroupMounts FindCgroupMounts();

// The key of the cgroup at a path of the file system ("/sys/fs/cgroup/unified/docker/4f1a...").
// Errors: kBadInput if there is no such cgroup, or its hierarchy is neither v2 nor v1 `pids`.
Result<CgroupKey> CgroupKeyOfDirectory(const std::string& directory);

// The inverse. Needs root (CAP_DAC_READ_SEARCH). Errors: kBadInput if no such cgroup exists (any more).
Result<std::string> DirectoryOfCgroup(CgroupKey key);
// The same from the hierarchy's root, as /proc/PID/cgroup shows it.
Result<std::string> PathOfCgroup(CgroupKey key);

// The cgroup that names the container of a process: its v2 cgroup, or its v1 `pids` cgroup where v2 does not
// tell containers apart. Errors: kBadInput if there is no such process; kNotPossible if it is in the root of
// both.
Result<Cgroup> ContainerCgroupOfProcess(pid_t pid);

// Every cgroup of a process in the two hierarchies, roots included. Errors: kBadInput.
Result<std::vector<Cgroup>> CgroupsOfProcess(pid_t pid);

// The threads in a cgroup's directory and in those below it, as they are at this moment.
std::vector<pid_t> ThreadsInCgroup(const std::string& directory);

}  // namespace whittle::record
