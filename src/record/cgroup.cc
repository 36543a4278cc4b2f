#include "record/cgroup.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"

namespace whittle::record {
namespace {

constexpr int kKernfsHandle = 0xfe;  // FILEID_KERNFS: the handle is the cgroup's id (linux/exportfs.h)

// A line of /proc/self/mounts: device, mount point, type, options. Blanks in a path stand as \040, which no
// cgroup mount has.
struct Mount {
  std::string_view point;
  std::string_view type;
  std::string_view options;
};

std::optional<Mount> ParseMount(std::string_view line) {
  const auto fields = Words(line);
  if (fields.size() < 4) return std::nullopt;
  return Mount{fields[1], fields[2], fields[3]};
}

bool HasOption(std::string_view options, std::string_view wanted) {
  return std::ranges::any_of(Split(options, ','), [&](std::string_view option) { return option == wanted; });
}

// A line of /proc/PID/cgroup: "4:pids:/docker/4f1a", "0::/docker/4f1a".
struct Membership {
  bool v2 = false;
  bool pids = false;
  std::string path;
};

std::optional<Membership> ParseMembership(std::string_view line) {
  const auto first = line.find(':');
  const auto second = first == line.npos ? line.npos : line.find(':', first + 1);
  if (second == line.npos) return std::nullopt;
  const auto controllers = line.substr(first + 1, second - first - 1);
  return Membership{controllers.empty() && line.substr(0, first) == "0", HasOption(controllers, "pids"),
                    std::string(line.substr(second + 1))};
}

Result<uint64_t> IdOfDirectory(const std::string& directory) {
  alignas(file_handle) char bytes[sizeof(file_handle) + sizeof(uint64_t)] = {};
  auto* handle = reinterpret_cast<file_handle*>(bytes);
  handle->handle_bytes = sizeof(uint64_t);
  int mount = 0;
  if (name_to_handle_at(AT_FDCWD, directory.c_str(), handle, &mount, 0) != 0) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("no cgroup '{}': {}", Printable(directory), strerror(errno)));
  }
  uint64_t id = 0;
  memcpy(&id, handle->f_handle, sizeof(id));
  return id;
}

}  // namespace

CgroupMounts FindCgroupMounts() {
  CgroupMounts mounts;
  const auto text = ReadKernelFile("/proc/self/mounts");
  if (!text) return mounts;
  for (const auto line : Lines(*text)) {
    const auto mount = ParseMount(line);
    if (!mount) continue;
    if (mount->type == "cgroup2" && mounts.v2.empty()) mounts.v2 = mount->point;
    if (mount->type == "cgroup" && HasOption(mount->options, "pids")) mounts.v1_pids = mount->point;
  }
  return mounts;
}

Result<CgroupKey> CgroupKeyOfDirectory(const std::string& directory) {
  struct statfs info{};
  if (statfs(directory.c_str(), &info) != 0) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("no cgroup '{}': {}", Printable(directory), strerror(errno)));
  }
  const uint64_t id = TRY(IdOfDirectory(directory));
  if (info.f_type == CGROUP2_SUPER_MAGIC) return CgroupKey{id};
  const std::string pids = FindCgroupMounts().v1_pids;
  if (info.f_type == CGROUP_SUPER_MAGIC && !pids.empty() && directory.starts_with(pids + "/")) {
    return CgroupKey{id | CgroupKey::kV1Tag};
  }
  return Fail(
      ErrorCode::kBadInput,
      fmt::format("'{}' is not a cgroup of version 2 or of the v1 'pids' hierarchy", Printable(directory)));
}

namespace {

Result<std::string> MountOf(CgroupKey key) {
  const CgroupMounts mounts = FindCgroupMounts();
  const std::string& mount = key.v1() ? mounts.v1_pids : mounts.v2;
  if (!mount.empty()) return mount;
  return Fail(ErrorCode::kNotPossible,
              fmt::format("the cgroup hierarchy of {} is not mounted", key.v1() ? "v1 'pids'" : "version 2"));
}

}  // namespace

Result<std::string> DirectoryOfCgroup(CgroupKey key) {
  const std::string mount = TRY(MountOf(key));
  const Fd root(open(mount.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  alignas(file_handle) char bytes[sizeof(file_handle) + sizeof(uint64_t)] = {};
  auto* handle = reinterpret_cast<file_handle*>(bytes);
  handle->handle_bytes = sizeof(uint64_t);
  handle->handle_type = kKernfsHandle;
  const uint64_t id = key.id();
  memcpy(handle->f_handle, &id, sizeof(id));
  const Fd cgroup(open_by_handle_at(root.get(), handle, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!cgroup.valid()) {
    return Fail(ErrorCode::kBadInput, fmt::format("no cgroup with the id {}: {}", id, strerror(errno)));
  }
  char path[PATH_MAX];
  const ssize_t length = readlink(fmt::format("/proc/self/fd/{}", cgroup.get()).c_str(), path, sizeof(path));
  if (length <= 0)
    return Fail(ErrorCode::kBadInput, fmt::format("cgroup {} has no path: {}", id, strerror(errno)));
  return std::string(path, static_cast<size_t>(length));
}

Result<std::string> PathOfCgroup(CgroupKey key) {
  const std::string directory = TRY(DirectoryOfCgroup(key));
  const std::string mount = TRY(MountOf(key));
  if (!directory.starts_with(mount)) return directory;
  return directory.size() == mount.size() ? "/" : directory.substr(mount.size());
}

Result<std::vector<Cgroup>> CgroupsOfProcess(pid_t pid) {
  const std::string file = fmt::format("/proc/{}/cgroup", pid);
  const auto text = ReadKernelFile(file);
  if (!text) return Fail(ErrorCode::kBadInput, fmt::format("no process {}", pid));
  const CgroupMounts mounts = FindCgroupMounts();
  std::vector<Cgroup> cgroups;
  for (const auto line : Lines(*text)) {
    const auto membership = ParseMembership(line);
    if (!membership || (!membership->v2 && !membership->pids)) continue;
    const std::string& mount = membership->v2 ? mounts.v2 : mounts.v1_pids;
    if (mount.empty()) continue;
    const auto id = IdOfDirectory(mount + membership->path);
    if (!id) continue;  // removed, or outside our cgroup namespace
    cgroups.push_back({CgroupKey{*id | (membership->v2 ? 0 : CgroupKey::kV1Tag)}, membership->path});
  }
  return cgroups;
}

Result<Cgroup> ContainerCgroupOfProcess(pid_t pid) {
  const auto cgroups = TRY(CgroupsOfProcess(pid));
  const Cgroup* v2 = nullptr;
  const Cgroup* v1 = nullptr;
  for (const auto& cgroup : cgroups) {
    if (cgroup.path == "/") continue;
    (cgroup.key.v1() ? v1 : v2) = &cgroup;
  }
  // A runtime that knows v1 only leaves v2 where its caller was: then v1 is the one that it made.
  if (v1 && (!v2 || v2->path != v1->path)) return *v1;
  if (v2) return *v2;
  return Fail(
      ErrorCode::kNotPossible,
      fmt::format("process {} is in no cgroup of its own (only in the root): nothing tells it from the host",
                  pid));
}

std::vector<pid_t> ThreadsInCgroup(const std::string& directory) {
  std::vector<pid_t> threads;
  const auto add = [&](const std::string& folder) {
    // Version 2 has the first file, version 1 the second.
    auto text = ReadKernelFile(folder + "/cgroup.threads");
    if (!text) text = ReadKernelFile(folder + "/tasks");
    if (!text) return;
    for (const auto line : Lines(*text)) {
      if (const auto number = ParseUnsigned(line)) threads.push_back(static_cast<pid_t>(*number));
    }
  };
  add(directory);
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_directory(error)) add(it->path().string());
  }
  return threads;
}

}  // namespace whittle::record
