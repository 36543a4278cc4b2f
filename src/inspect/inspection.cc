#include "inspect/inspection.h"

#include <fmt/core.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "container/cgroup_path.h"

namespace whittle::inspect {
namespace {

constexpr std::array kEngineSockets = {"/var/run/docker.sock", "/run/containerd/containerd.sock",
                                       "/run/podman/podman.sock", "/run/crio/crio.sock"};

// Without symbolic links, as mount tables name it; empty if it is no socket of ours.
std::string RealSocket(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return "";
  const std::string real = resolved;
  ::free(resolved);
  struct stat status = {};
  return ::stat(real.c_str(), &status) == 0 && S_ISSOCK(status.st_mode) ? real : "";
}

std::vector<std::string> SocketsOfHost(const container::Engines& engines) {
  std::vector<std::string> paths(kEngineSockets.begin(), kEngineSockets.end());
  constexpr std::string_view kUnix = "unix://";
  for (const auto& engine : engines.answering()) {
    const std::string& where = engine->info().where;
    if (where.starts_with(kUnix)) paths.push_back(where.substr(kUnix.size()));
  }
  std::vector<std::string> sockets;
  for (const auto& path : paths) {
    const std::string real = RealSocket(path);
    if (!real.empty() && std::ranges::find(sockets, real) == sockets.end()) sockets.push_back(real);
  }
  return sockets;
}

void FindSockets(Inspection& inspection, const container::Engines& engines) {
  const auto text = ReadKernelFile("/proc/self/mountinfo");
  const auto ours = text ? ParseMountInfo(*text, "/proc/self/mountinfo")
                         : Result<std::vector<Mount>>(std::unexpected(text.error()));
  inspection.sockets_known = ours.has_value() && !inspection.process.mounts.empty();
  if (!inspection.sockets_known) return;
  for (const auto& socket : SocketsOfHost(engines)) {
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
