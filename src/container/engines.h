// The container engines of this host: who runs, and what they know. Thread safe: an Engine has no state that
// changes after Create. Never starts, stops or changes anything.
//
// Where engines are looked for: docker at $DOCKER_HOST or unix:///var/run/docker.sock; podman at
// $CONTAINER_HOST, /run/podman/podman.sock or (not root) $XDG_RUNTIME_DIR/podman/podman.sock, and where no
// service listens, by its command (which reads $CONTAINERS_CONF and $CONTAINERS_STORAGE_CONF); containerd at
// $CONTAINERD_ADDRESS or /run/containerd/containerd.sock, by the command ctr, in the namespaces of
// $CONTAINERD_NAMESPACE, or in all but docker's own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "container/container.h"

namespace whittle::container {

// Containers as their engine makes them, told by itself: a short one may have come and gone before a list was
// asked for. Not thread safe.
class NewContainers {
 public:
  virtual ~NewContainers() = default;
  // Those made since the last call; never waits.
  virtual std::vector<ContainerSummary> Take() = 0;
  // Whether a container that was made since the beginning and not told of is another engine's, for certain.
  virtual bool whole() const { return false; }
};

class Engine {
 public:
  virtual ~Engine() = default;
  const EngineInfo& info() const { return info_; }
  // "docker at unix:///var/run/docker.sock"
  std::string Text() const;

  // Every container, whether it runs or not.
  virtual Result<std::vector<ContainerSummary>> List() const = 0;
  // The container of that name, id or (docker, podman) unambiguous prefix of an id; nothing if there is none.
  virtual Result<std::optional<ContainerInfo>> Inspect(std::string_view name_or_id) const = 0;
  // The image that the engine means by a tag, a digest, an id or its prefix; nothing if it has none such.
  virtual Result<std::optional<Image>> FindImage(std::string_view reference) const = 0;
  // The last lines that the container's processes wrote, as far as the engine keeps them. Errors:
  // kNotPossible.
  virtual Result<std::string> LogTail(const ContainerInfo& container, unsigned lines) const;
  // From now on. Null: the engine does not tell. Errors: kNotPossible.
  virtual Result<std::unique_ptr<NewContainers>> WatchNew() const { return nullptr; }
  // Containers that were made since then (wall clock), as far as the engine remembers: also such as are gone.
  // None: it does not tell.
  virtual Result<std::vector<ContainerSummary>> MadeSince(int64_t wall_ms) const {
    return (void)wall_ms, std::vector<ContainerSummary>();
  }

 protected:
  EngineInfo info_;
};

// An engine that was asked and gave no answer.
struct SilentEngine {
  EngineKind kind = EngineKind::kDocker;
  std::string where;
  std::string why;  // one line
};

class Engines {
 public:
  // Asks the engines of that kind, or all. Never fails: see silent().
  static Engines Find(std::optional<EngineKind> only = std::nullopt);
  // Those given, and no others.
  explicit Engines(std::vector<std::unique_ptr<Engine>> answering) : answering_(std::move(answering)) {}
  Engines() = default;

  const std::vector<std::unique_ptr<Engine>>& answering() const { return answering_; }
  const std::vector<SilentEngine>& silent() const { return silent_; }
  // kNotPossible, with all that was tried, if no engine answers.
  Result<void> RequireOne() const;

  // The container of that name, id or prefix, or nothing: for `--wait`, which asks again.
  // Errors: kNotPossible if no engine answers; kBadInput if the name cannot be a container's, two engines
  // have it, or an answer is malformed.
  Result<std::optional<ContainerInfo>> TryFind(std::string_view name_or_id) const;
  // The same; a container that does not exist is kBadInput and names those that do.
  Result<ContainerInfo> Get(std::string_view name_or_id) const;

  // Whose cgroup this is (a path as in /proc/PID/cgroup or in a cgroup_mkdir event), or nothing if it is no
  // container's or its engine is not among these. An engine knows a container before it makes its cgroup.
  Result<std::optional<ContainerInfo>> OwnerOfCgroup(std::string_view path) const;

 private:
  std::vector<std::unique_ptr<Engine>> answering_;
  std::vector<SilentEngine> silent_;
};

// Notices the end of a running container's first process, without asking the engine again. Not thread safe.
class ExitWatch {
 public:
  // Errors: kBadInput if the container does not run.
  static Result<ExitWatch> Create(const ContainerInfo& info);
  // True once it has ended; waits up to `timeout_ms` for that.
  bool Ended(int timeout_ms) const;
  // Readable once it has ended: for poll loops of the caller's.
  int fd() const { return pidfd_.get(); }

 private:
  explicit ExitWatch(Fd pidfd) : pidfd_(std::move(pidfd)) {}
  Fd pidfd_;
};

}  // namespace whittle::container
