// What an engine knows of a container. Values; thread safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace whittle::container {

enum class EngineKind { kDocker, kPodman, kContainerd };

std::string_view EngineName(EngineKind kind);               // "docker", "podman", "containerd"
Result<EngineKind> ParseEngineKind(std::string_view text);  // kUsage

// What ended by SIGKILL was not shut down: nothing of it ran any more.
inline constexpr int kKilledExitCode = 137;

// What of the host stands where in a container.
struct Mount {
  std::string source;
  std::string destination;
};

// A container. Every text comes from the engine, names and images from whoever made the container: hostile,
// so Printable() before a terminal sees it.
struct ContainerInfo {
  EngineKind engine = EngineKind::kDocker;
  std::string engine_version;  // "20.10.24+dfsg1"
  std::string id;              // 64 hexadecimal digits; of containerd NAMESPACE/NAME
  std::string name;            // without docker's leading slash
  std::string image;           // as it was asked for: "nginx:1.22"
  std::string image_id;        // hexadecimal, without "sha256:"; empty of containerd
  std::string cgroup;          // of containerd: its path; of others the path holds the id
  std::string state;           // "created", "running", "paused", "restarting", "exited", "dead", ...
  pid_t pid = 0;               // of its first process, in the engine's pid namespace; 0 if it does not run
  int exit_code = 0;           // of the last run
  std::string runtime;         // as the engine calls it: "runc", "crun", or a name of the administrator's
  std::string runtime_path;    // the program, where the engine tells; else empty
  bool privileged = false;     // no filter is loaded for it, whatever `seccomp` says
  bool no_new_privs = false;
  std::set<std::string>
      capabilities;  // the bounding set: "CAP_CHOWN", ...; empty with `privileged` on docker
  // The seccomp option: "" for the engine's default, "unconfined", or what was given (docker: the document
  // itself, podman: a path).
  std::string seccomp;

  // What became of it, and what it is made of; of containerd what it tells of them.
  std::vector<std::string> command;  // of its first process: the program as it was given, then its arguments
  std::string user;                  // as it was given; empty: the image's, or root
  bool tty = false;
  std::string error;  // why it could not be started: the engine's or its runtime's words; empty of podman
  bool out_of_memory = false;       // the kernel killed it for want of memory, as far as the engine noticed
  int64_t created_ms = 0;           // wall clock; 0: not told
  int64_t started_ms = 0;           // of the last start; 0: it never was
  int64_t ended_ms = 0;             // of the last end; 0: none yet
  std::string config_file;          // what the runtime was given (OCI), where the engine keeps it: podman
  std::string oci_seccomp;          // its linux.seccomp, as JSON, where the engine tells it: containerd
  std::vector<std::string> layers;  // folders that its root file system is made of, the uppermost first
  std::vector<Mount> mounts;        // of folders and files of the host

  bool running() const { return pid > 0; }
};

// A line of the engine's list.
struct ContainerSummary {
  std::string id;
  std::string name;
  std::string image;     // as it was asked for
  std::string image_id;  // hexadecimal, without "sha256:"; empty if the list does not tell
  std::string cgroup;    // as in ContainerInfo: the usual one, where the list does not tell
  std::string state;     // in small letters
  std::string runtime;   // name or program, where the engine tells with the list
};

// An image, as its engine resolves a reference.
struct Image {
  std::string id;                  // hexadecimal, without "sha256:"
  std::vector<std::string> names;  // "nginx:1.22", "docker.io/library/nginx:1.22"; none if it has no tag
};

// What an engine is.
struct EngineInfo {
  EngineKind kind = EngineKind::kDocker;
  std::string version;
  std::string
      where;  // "unix:///var/run/docker.sock", "the command podman", "/run/containerd/containerd.sock"
  std::string default_runtime;                                // its name
  std::vector<std::pair<std::string, std::string>> runtimes;  // name -> program, as the engine lists them
  std::string cgroup_driver;                                  // "cgroupfs", "systemd"
  std::string cgroup_version;                                 // "1", "2"
  std::string
      seccomp;  // docker: "default", "builtin", "unconfined", or a path; podman: a path. Empty: switched off
  std::set<std::string> default_capabilities;  // empty: the engine does not tell (docker)
};

}  // namespace whittle::container
