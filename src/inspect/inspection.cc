#include "inspect/inspection.h"

#include <fmt/core.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "container/cgroup_path.h"

namespace whittle::inspect {
namespace {

constexpr std::array kEngineSockets = {"/var/run/docker.sock", "/run/containerd/containerd.sock",
                                       "/run/podman/podman.sock", "/run/crio/crio.sock"};

// Without symbolic links, as mount tables name it; empty if there is no socket. Errors: kNotPossible if we
// may not look there.
Result<std::string> RealSocket(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr && (errno == ENOENT || errno == ENOTDIR)) return "";
  if (resolved == nullptr)
    return Fail(ErrorCode::kNotPossible, fmt::format("{}: {}", path, std::strerror(errno)));
  const std::string real = resolved;
  ::free(resolved);
  struct stat status = {};
  return ::stat(real.c_str(), &status) == 0 && S_ISSOCK(status.st_mode) ? real : "";
}

std::vector<std::string> PlacesOfSockets(const container::Engines& engines) {
  std::vector<std::string> paths(kEngineSockets.begin(), kEngineSockets.end());
  constexpr std::string_view kUnix = "unix://";
  const auto add = [&](const std::string& where) {
    if (where.starts_with(kUnix)) paths.push_back(where.substr(kUnix.size()));
  };
  for (const auto& engine : engines.answering()) add(engine->info().where);
  for (const auto& engine : engines.silent()) add(engine.where);
  return paths;
}

struct HostSockets {
  std::vector<std::string> paths;
  std::string unknown;  // why there may be others
};

HostSockets SocketsOfHost(const container::Engines& engines) {
  HostSockets sockets;
  for (const auto& path : PlacesOfSockets(engines)) {
    const auto real = RealSocket(path);
    if (!real) {
      sockets.unknown = real.error().message;
    } else if (!real->empty() && std::ranges::find(sockets.paths, *real) == sockets.paths.end()) {
      sockets.paths.push_back(*real);
    }
  }
  return sockets;
}

void FindSockets(Inspection& inspection, const container::Engines& engines) {
  const auto text = ReadKernelFile("/proc/self/mountinfo");
  const auto ours = text ? ParseMountInfo(*text, "/proc/self/mountinfo")
                         : Result<std::vector<Mount>>(std::unexpected(text.error()));
  if (!ours || inspection.process.mounts.empty()) {
    inspection.sockets_unknown = ours ? "its mounts cannot be read" : ours.error().message;
    return;
  }
  const auto sockets = SocketsOfHost(engines);
  inspection.sockets_unknown = sockets.unknown;
  for (const auto& socket : sockets.paths) {
    for (auto& inside : SeenAs(inspection.process.mounts, *ours, socket))
      inspection.sockets.push_back({socket, std::move(inside)});
  }
}

void FindContainer(Inspection& inspection, const container::Engines& engines) {
  const auto owner = container::OwnerOfCgroupPath(inspection.process.cgroup);
  inspection.manager = owner.manager;
  inspection.container_id = owner.id;
  if (owner.id.empty()) return;
  auto info = engines.OwnerOfCgroup(inspection.process.cgroup);
  if (info) inspection.container = std::move(*info);
}

}  // namespace

Result<Inspection> Inspect(pid_t pid, Ptrace ptrace, const container::Engines& engines) {
  Inspection inspection;
  inspection.process = TRY(ReadProcess(pid));
  inspection.seccomp = TRY(ReadSeccomp(inspection.process, ptrace));
  FindContainer(inspection, engines);
  FindSockets(inspection, engines);
  // All that was read belongs to one process only if that is still there.
  if (!StillThere(inspection.process))
    return Fail(ErrorCode::kBadInput, fmt::format("process or thread {} ended while it was looked at", pid));
  const auto& main = inspection.seccomp.main();
  const bool read = main.mode != filter::SeccompMode::kFilter || !main.filters.empty();
  if (read && main.mode != filter::SeccompMode::kDisabled)
    inspection.calls = TRY(StatesOf(main, KernelCalls::OfThisKernel()));
  return inspection;
}

}  // namespace whittle::inspect
