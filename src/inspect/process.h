// What can be told of a process from /proc alone, without stopping it and without running anything inside its
// container. Thread safe.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "inspect/mounts.h"
#include "inspect/namespaces.h"
#include "inspect/status.h"

namespace whittle::inspect {

struct Process {
  pid_t pid = 0;
  pid_t speaker = 0;  // the thread that was read: who was asked for, or a live one if the leader has ended
  std::string executable;  // as the kernel shows it; hostile; empty if it cannot be read
  uint64_t started = 0;    // clock ticks since boot: tells a process from a later one with its number
  Status status;
  std::vector<Namespace> namespaces;
  std::vector<IdRange> uid_map;
  std::vector<IdRange> gid_map;
  std::string cgroup;  // its path, from the hierarchy that names containers; "/" outside of any
  // The label of a security module: "docker-default (enforce)". Empty: none labels it, or none is there.
  std::string label;
  std::string label_module;  // "apparmor", "selinux", ...; empty if it cannot be told
  std::vector<Mount> mounts;
  std::vector<std::string> unread;  // what could not be read, with the reason
};

// Of a process, or of the process that a thread belongs to, by any thread's id. Errors: kBadInput if there is
// no such process. What rights are missing for is left empty and named in `unread`.
Result<Process> ReadProcess(pid_t id);

// True if it is still the same process, and the thread that was read is alive.
bool StillThere(const Process& process);

}  // namespace whittle::inspect
