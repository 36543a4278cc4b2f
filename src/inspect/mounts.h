// What a process sees of file systems, by its mount table alone: no file of the container is opened, since
// whoever owns them could make that hang. Pure; thread safe. Source: proc_pid_mountinfo(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace whittle::inspect {

struct Mount {
  uint64_t id = 0;
  uint64_t parent = 0;  // the mount that it lies on
  std::string device;   // "8:1"
  std::string root;     // what of the file system is mounted: "/var/run/docker.sock"
  std::string point;    // where: "/run/docker.sock"
  std::string type;     // "overlay", "tmpfs"
  bool read_only = false;
};

// In the order of the table: later ones lie on top of earlier ones. Paths are hostile. Errors: kBadInput with
// `source` and the line.
Result<std::vector<Mount>> ParseMountInfo(std::string_view text, const std::string& source);

// The mount that holds a path (absolute, without symbolic links), or null. A mount over a folder hides what
// is mounted below that folder.
const Mount* MountOf(const std::vector<Mount>& mounts, std::string_view path);

// What a runtime covered or made read-only below /proc and /sys.
struct Covered {
  std::vector<std::string> masked;     // an empty file system or a device lies over it
  std::vector<std::string> read_only;  // bound onto itself, read-only
};
Covered CoveredPaths(const std::vector<Mount>& mounts);

// Where a process with `mounts` finds the file that we know as `path` under `ours`; empty if nowhere. Both
// tables must come from the same host.
std::vector<std::string> SeenAs(const std::vector<Mount>& mounts, const std::vector<Mount>& ours,
                                std::string_view path);

}  // namespace whittle::inspect
