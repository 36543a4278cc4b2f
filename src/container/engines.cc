#include "container/engines.h"

#include <fmt/core.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "container/cgroup_path.h"
#include "container/connect.h"

namespace whittle::container {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"docker", "podman", "containerd"};
constexpr size_t kMaxName = 255;
constexpr size_t kShownNames = 20;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Where a socket is, or why it cannot be asked.
Result<std::string> SocketOf(const std::string& address) {
  constexpr std::string_view kUnix = "unix://";
  if (address.starts_with(kUnix)) return address.substr(kUnix.size());
  if (address.starts_with("/")) return address;
  return Fail(ErrorCode::kNotPossible,
              "only unix:// addresses are asked: a container can only be watched on the host where it runs");
}

std::string DockerAddress() {
  const std::string set = Environment("DOCKER_HOST");
  return set.empty() ? "unix:///var/run/docker.sock" : set;
}

// $CONTAINER_HOST, else the usual place; empty if the command should be asked.
std::string PodmanAddress() {
  const std::string set = Environment("CONTAINER_HOST");
  if (!set.empty()) return set;
  // A store of one's own is named by these, and the system's service would not know it.
  if (!Environment("CONTAINERS_STORAGE_CONF").empty() || !Environment("CONTAINERS_CONF").empty()) return "";
  const std::string folder = ::geteuid() == 0 ? "/run" : Environment("XDG_RUNTIME_DIR");
  const std::string path = folder + "/podman/podman.sock";
  return FileExists(path) ? "unix://" + path : "";
}

std::string ContainerdAddress() {
  const std::string set = Environment("CONTAINERD_ADDRESS");
  return set.empty() ? "/run/containerd/containerd.sock" : set;
}

Result<std::unique_ptr<Engine>> ConnectAt(EngineKind kind, const std::string& address) {
  const std::string path = TRY(SocketOf(address));
  if (kind == EngineKind::kContainerd) return ConnectContainerd(path);
  return kind == EngineKind::kDocker ? ConnectDocker(path) : ConnectPodman(path);
}

// The message names the engine already where it is shown.
std::string WithoutSource(const std::string& message, EngineKind kind, const std::string& where) {
  const std::string source = fmt::format("{} at {}: ", EngineName(kind), where);
  return message.starts_with(source) ? message.substr(source.size()) : message;
}

// Names that no engine would give are not sent to one. Of containerd they may have a namespace.
Result<void> CheckName(std::string_view name) {
  if (const size_t slash = name.find('/'); slash != name.npos) {
    TRY(CheckName(name.substr(0, slash)));
    return CheckName(name.substr(slash + 1));
  }
  const auto good = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
  };
  const bool start = !name.empty() && std::isalnum(static_cast<unsigned char>(name[0])) != 0;
  if (start && name.size() <= kMaxName && std::ranges::all_of(name, good)) return {};
  return Fail(
      ErrorCode::kBadInput,
      fmt::format("'{}' cannot be a container: expected a name or an id (letters, digits, '_', '.', '-')",
                  Printable(name.substr(0, kMaxName))));
}

// Which containers there are, the likely meant one first: hundreds may run, and a line has to end.
std::string NamesOf(const Engine& engine, std::string_view wanted) {
  const auto list = engine.List();
  if (!list) return list.error().message;
  if (list->empty()) return fmt::format("{} knows no container", engine.Text());
  std::vector<std::string> names;
  for (const auto& one : *list)
    names.push_back(Printable(one.name.empty() ? one.id.substr(0, 12) : one.name));
  std::ranges::sort(names);
  const std::vector<std::string_view> views(names.begin(), names.end());
  if (const auto likely = Nearest(wanted, views)) {
    std::ranges::stable_partition(names, [&](const std::string& name) { return name == *likely; });
  }
  const size_t more = names.size() > kShownNames ? names.size() - kShownNames : 0;
  names.resize(names.size() - more);
  return fmt::format("{} knows these: {}{}", engine.Text(), Join(names, ", "),
                     more > 0 ? fmt::format(" and {} more", more) : "");
}

// containerd's containers are named by whoever makes them, and have the cgroup /NAMESPACE/NAME.
Result<std::optional<ContainerInfo>> OwnerByPath(const std::vector<std::unique_ptr<Engine>>& engines,
                                                 std::string_view path) {
  const auto parts = Split(path, '/');
  if (parts.size() < 3 || !parts[0].empty()) return std::nullopt;
  const std::string id = fmt::format("{}/{}", parts[1], parts[2]);
  if (!CheckName(id)) return std::nullopt;
  for (const auto& engine : engines) {
    if (engine->info().kind != EngineKind::kContainerd) continue;
    auto found = TRY(engine->Inspect(id));
    if (found && found->cgroup == "/" + id) return found;
  }
  return std::nullopt;
}

}  // namespace

std::string_view EngineName(EngineKind kind) { return kNames[static_cast<size_t>(kind)]; }

Result<EngineKind> ParseEngineKind(std::string_view text) {
  const auto found = std::ranges::find(kNames, text);
  if (found != kNames.end()) return static_cast<EngineKind>(found - kNames.begin());
  return Fail(
      ErrorCode::kUsage,
      fmt::format("unknown engine '{}': expected docker or podman, which start containers for whittle",
                  Printable(text)));
}

std::string Engine::Text() const { return fmt::format("{} at {}", EngineName(info_.kind), info_.where); }

Result<std::string> Engine::LogTail(const ContainerInfo&, unsigned) const {
  return Fail(ErrorCode::kNotPossible, fmt::format("{} keeps no logs", EngineName(info_.kind)));
}

Engines Engines::Find(std::optional<EngineKind> only) {
  Engines engines;
  const auto add = [&](EngineKind kind, const std::string& where, Result<std::unique_ptr<Engine>> engine) {
    if (engine) {
      engines.answering_.push_back(std::move(*engine));
    } else {
      engines.silent_.push_back({kind, where, WithoutSource(engine.error().message, kind, where)});
    }
  };
  if (only.value_or(EngineKind::kDocker) == EngineKind::kDocker) {
    add(EngineKind::kDocker, DockerAddress(), ConnectAt(EngineKind::kDocker, DockerAddress()));
  }
  if (only.value_or(EngineKind::kPodman) == EngineKind::kPodman) {
    const std::string address = PodmanAddress();
    if (address.empty()) {
      add(EngineKind::kPodman, "the command podman", ConnectPodmanCommand());
    } else {
      add(EngineKind::kPodman, address, ConnectAt(EngineKind::kPodman, address));
    }
  }
  if (only.value_or(EngineKind::kContainerd) == EngineKind::kContainerd) {
    const std::string address = ContainerdAddress();
    add(EngineKind::kContainerd, address, ConnectAt(EngineKind::kContainerd, address));
  }
  return engines;
}

Result<void> Engines::RequireOne() const {
  if (!answering_.empty()) return {};
  std::vector<std::string> tried;
  for (const auto& one : silent_) {
    tried.push_back(
        fmt::format("{} at {} ({})", EngineName(one.kind), Printable(one.where), Printable(one.why)));
  }
  return Fail(
      ErrorCode::kNotPossible,
      fmt::format("no container engine answers; tried {}. Start one, or name its socket in DOCKER_HOST, "
                  "CONTAINER_HOST or CONTAINERD_ADDRESS",
                  Join(tried, ", ")));
}

Result<std::optional<ContainerInfo>> Engines::TryFind(std::string_view name_or_id) const {
  TRY(CheckName(name_or_id));
  TRY(RequireOne());
  std::optional<ContainerInfo> found;
  std::optional<Error> trouble;  // counts only if nobody else has the container
  const bool has_namespace = name_or_id.find('/') != name_or_id.npos;
  for (const auto& engine : answering_) {
    if (has_namespace && engine->info().kind != EngineKind::kContainerd) continue;
    auto one = engine->Inspect(name_or_id);
    if (!one) trouble = one.error();
    if (!one || !*one) continue;
    if (found) {
      return Fail(
          ErrorCode::kBadInput,
          fmt::format(
              "both {} and {} have a container '{}': give its id, or switch one of them off for whittle "
              "(DOCKER_HOST, CONTAINER_HOST, CONTAINERD_ADDRESS)",
              EngineName(found->engine), EngineName((*one)->engine), name_or_id));
    }
    found = std::move(*one);
  }
  if (!found && trouble) return std::unexpected(*trouble);
  return found;
}

Result<ContainerInfo> Engines::Get(std::string_view name_or_id) const {
  auto found = TRY(TryFind(name_or_id));
  if (found) return std::move(*found);
  std::string known;
  for (const auto& engine : answering_) known += (known.empty() ? "" : "; ") + NamesOf(*engine, name_or_id);
  return Fail(ErrorCode::kBadInput, fmt::format("no container '{}': {}", name_or_id, known));
}

Result<std::optional<ContainerInfo>> Engines::OwnerOfCgroup(std::string_view path) const {
  const CgroupOwner owner = OwnerOfCgroupPath(path);
  if (owner.id.empty()) return OwnerByPath(answering_, path);
  for (const auto& engine : answering_) {
    // An unknown manager may be either; a known one saves the question to the other.
    const bool other = owner.manager == "docker" || owner.manager == "podman";
    if (other && owner.manager != EngineName(engine->info().kind)) continue;
    auto found = TRY(engine->Inspect(owner.id));
    if (found) return found;
  }
  return std::nullopt;
}

Result<ExitWatch> ExitWatch::Create(const ContainerInfo& info) {
  if (!info.running()) {
    return Fail(ErrorCode::kBadInput, fmt::format("container '{}' does not run: it is {}",
                                                  Printable(info.name), Printable(info.state)));
  }
  Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, info.pid, 0)));
  if (fd.valid()) return ExitWatch(std::move(fd));
  if (errno == ESRCH)
    return Fail(ErrorCode::kBadInput, fmt::format("container '{}' has ended", Printable(info.name)));
  return Fail(ErrorCode::kNotPossible, fmt::format("cannot watch process {} of container '{}': {}", info.pid,
                                                   Printable(info.name), std::strerror(errno)));
}

bool ExitWatch::Ended(int timeout_ms) const {
  pollfd wait{pidfd_.get(), POLLIN, 0};
  return ::poll(&wait, 1, timeout_ms) > 0;
}

}  // namespace whittle::container
