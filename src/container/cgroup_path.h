// Which container a cgroup belongs to, by its path alone. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "container/container.h"

namespace whittle::container {

// What a path says. An empty id: no container's cgroup.
struct CgroupOwner {
  std::string id;       // 64 hexadecimal digits
  std::string manager;  // "docker", "podman", "containerd", "cri-o"; empty if the path does not tell
};

// Reads the paths that docker, podman, containerd and CRI-O make with the cgroupfs and the systemd driver:
//   /docker/ID, /system.slice/docker-ID.scope, /libpod_parent/libpod-ID,
//   /machine.slice/libpod-ID.scope/container, /kubepods/burstable/podUID/ID,
//   /kubepods.slice/.../cri-containerd-ID.scope, .../crio-ID.scope, /default/ID.
// The deepest component decides, so that an engine inside a container names the inner one; podman's conmon
// (libpod-conmon-ID) is no container. Cgroups below a container's own belong to it. Paths longer than 4096
// bytes name nothing.
CgroupOwner OwnerOfCgroupPath(std::string_view path);

// Every name under which a container may be known by this cgroup path, the likeliest first: the id in it, the
// paths of the cgroup and of those above it, and the components (units of systemd).
std::vector<std::string> CgroupNames(std::string_view path);

// The part of a cgroup's path that is the container's own cgroup: up to the deepest component that names it.
// Empty if none does. "/docker/4f1a.../init.scope" and "4f1a..." give "/docker/4f1a...".
std::string_view OwnCgroupPath(std::string_view path, std::string_view id);

// True for 64 lower-case hexadecimal digits.
bool IsContainerId(std::string_view text);

}  // namespace whittle::container
