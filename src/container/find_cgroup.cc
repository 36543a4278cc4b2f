#include "container/find_cgroup.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "base/text.h"
#include "container/cgroup_path.h"

namespace whittle::container {
namespace {

bool IsDirectory(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Absolute, without links and ending slashes, where it exists; else as it was given.
std::string Plain(std::string text) {
  std::error_code error;
  const auto plain = std::filesystem::canonical(text, error);
  if (!error) return plain.string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

std::unexpected<Error> RootIsNoTarget(const std::string& text) {
  return Fail(
      ErrorCode::kBadInput,
      fmt::format("'{}' is the root of a cgroup hierarchy, which holds every process of the host: name a "
                  "cgroup below it",
                  Printable(text)));
}

// A folder of another v1 hierarchy ("/sys/fs/cgroup/memory/web"): its processes are very likely those of the
// cgroup of the same path elsewhere.
std::string Hint(const std::string& directory, const record::CgroupMounts& mounts) {
  constexpr std::string_view kV1 = "/sys/fs/cgroup/";
  if (!directory.starts_with(kV1) || mounts.v1_pids.empty()) return "";
  const size_t slash = directory.find('/', kV1.size());
  if (slash == directory.npos || !IsDirectory(mounts.v1_pids + directory.substr(slash))) return "";
  return fmt::format("; try {}", Printable(mounts.v1_pids + directory.substr(slash)));
}

Result<record::CgroupKey> OfDirectory(const std::string& directory, const record::CgroupMounts& mounts) {
  auto key = record::CgroupKeyOfDirectory(directory);
  if (!key) key.error().message += Hint(directory, mounts);
  return key;
}

Result<record::CgroupKey> OfPath(const std::string& path, const record::CgroupMounts& mounts) {
  const std::string below = path.starts_with('/') ? path : "/" + path;
  const std::string v2 = mounts.v2 + below, v1 = mounts.v1_pids + below;
  const bool has_v2 = !mounts.v2.empty() && IsDirectory(v2);
  const bool has_v1 = !mounts.v1_pids.empty() && IsDirectory(v1);
  if (has_v1 && (!has_v2 || (record::ThreadsInCgroup(v2).empty() && !record::ThreadsInCgroup(v1).empty()))) {
    return record::CgroupKeyOfDirectory(v1);
  }
  if (has_v2) return record::CgroupKeyOfDirectory(v2);
  std::string tried = path.starts_with('/') ? Printable(path) : "";
  for (const auto& [mount, file] : {std::pair(mounts.v2, v2), std::pair(mounts.v1_pids, v1)}) {
    if (!mount.empty()) tried += (tried.empty() ? "" : ", ") + Printable(file);
  }
  return Fail(ErrorCode::kBadInput, fmt::format("no cgroup '{}': there is no {}", Printable(path), tried));
}

}  // namespace

Result<record::CgroupKey> FindCgroup(const std::string& text) {
  const record::CgroupMounts mounts = record::FindCgroupMounts();
  const std::string path = Plain(text);
  if (path.empty() || path == "/" || path == mounts.v2 || path == mounts.v1_pids) return RootIsNoTarget(text);
  if (!IsDirectory(path)) return OfPath(text, mounts);
  // "/user" may be a folder of the host's, too: what is no cgroup is taken for a path of a hierarchy.
  const auto key = OfDirectory(path, mounts);
  const auto other = key ? key : OfPath(text, mounts);
  return other ? other : key;
}

Result<record::Cgroup> CgroupOfContainer(pid_t pid, std::string_view name) {
  const record::Cgroup cgroup = TRY(record::ContainerCgroupOfProcess(pid));
  const std::string_view own = OwnCgroupPath(cgroup.path, name);
  if (own.empty() || own == cgroup.path) return cgroup;
  const record::CgroupMounts mounts = record::FindCgroupMounts();
  const std::string& mount = cgroup.key.v1() ? mounts.v1_pids : mounts.v2;
  return record::Cgroup{TRY(record::CgroupKeyOfDirectory(mount + std::string(own))), std::string(own)};
}

}  // namespace whittle::container
