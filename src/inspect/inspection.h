// `whittle inspect` as a value: all that is told of one process. Thread safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "container/container.h"
#include "container/engines.h"
#include "inspect/process.h"
#include "inspect/seccomp.h"

namespace whittle::inspect {

// A socket of a container engine that the process could speak to: who can is root on the host.
struct EngineSocket {
  std::string on_host;  // "/run/docker.sock"
  std::string inside;   // where the process sees it; hostile
};

struct Inspection {
  Process process;
  Seccomp seccomp;
  std::vector<AbiState> calls;  // under the first set of threads; empty if its filters were not read
  // What manages the cgroup by its path ("docker", "podman", "containerd", "cri-o"), and its id; empty if the
  // path names no container.
  std::string manager;
  std::string container_id;
  std::optional<container::ContainerInfo> container;  // what its engine says, if one answers
  std::vector<EngineSocket> sockets;
  // Why there may be others: a mount table or the place of a socket cannot be read. Hostile; empty: all are
  // known.
  std::string sockets_unknown;
};

// Looks at a running process. `engines` may name its container; nothing is asked of the container itself.
// Errors: kBadInput if there is no such process, or it ended meanwhile.
Result<Inspection> Inspect(pid_t pid, Ptrace ptrace, const container::Engines& engines);

}  // namespace whittle::inspect
