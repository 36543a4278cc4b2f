#include "inspect/mounts.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace whittle::inspect {
namespace {

constexpr size_t kMaxMounts = 200'000;  // the kernel's own default is half of it

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// The kernel writes blank, tab, end of line and backslash as \ooo.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size() && IsOctal(text[i + 1]) &&
                        IsOctal(text[i + 2]) && IsOctal(text[i + 3]);
    if (!escape) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return plain;
}

bool HasOption(std::string_view options, std::string_view wanted) {
  const auto parts = Split(options, ',');
  return std::ranges::find(parts, wanted) != parts.end();
}

// True if `path` is `folder` or lies below it.
bool Within(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// The rest of `path` below `folder`: "/b" of "/a/b" in "/a", "" if they are the same.
std::string_view Below(std::string_view path, std::string_view folder) {
  if (path == folder) return "";
  return folder == "/" ? path : path.substr(folder.size());
}

std::string Joined(std::string_view folder, std::string_view rest) {
  if (rest.empty()) return std::string(folder);
  return folder == "/" ? std::string(rest) : std::string(folder) + std::string(rest);
}

Result<Mount> ParseLine(std::string_view line, const std::string& place) {
  const auto words = Words(line);
  const auto dash = std::ranges::find(words, std::string_view("-"));
  if (words.size() < 6 || words.end() - dash < 2 || dash - words.begin() < 6)
    return Fail(ErrorCode::kBadInput, fmt::format("{}: no line of a mount table", place));
  Mount mount;
  mount.id = ParseUnsigned(words[0]).value_or(0);
  mount.parent = ParseUnsigned(words[1]).value_or(0);
  mount.device = words[2];
  mount.root = Unescape(words[3]);
  mount.point = Unescape(words[4]);
  mount.type = Unescape(dash[1]);
  mount.read_only = HasOption(words[5], "ro");
  return mount;
}

// Finds the holder of many paths: as the kernel walks, from the root down, stepping onto what is mounted.
class Tree {
 public:
  explicit Tree(const std::vector<Mount>& mounts) {
    std::set<uint64_t> ids;
    for (const auto& mount : mounts) ids.insert(mount.id);
    for (const auto& mount : mounts) {
      if (root_ == nullptr && mount.point == "/" && !ids.contains(mount.parent)) root_ = &mount;
      on_[{mount.parent, mount.point}] = &mount;
    }
  }

  const Mount* Holder(std::string_view path) const {
    if (root_ == nullptr || !path.starts_with('/')) return nullptr;
    const Mount* at = Top(root_, "/");
    for (size_t end = path.find('/', 1); path.size() > 1; end = path.find('/', end + 1)) {
      at = Top(at, path.substr(0, end));
      if (end == std::string_view::npos) break;
    }
    return at;
  }

 private:
  // Mounts at one place lie on top of each other; a table that names itself as its parent ends here too.
  const Mount* Top(const Mount* below, std::string_view point) const {
    constexpr int kMaxStacked = 1000;
    for (int i = 0; i < kMaxStacked; ++i) {
      const auto next = on_.find({below->id, point});
      if (next == on_.end() || next->second == below) break;
      below = next->second;
    }
    return below;
  }

  const Mount* root_ = nullptr;
  std::map<std::pair<uint64_t, std::string_view>, const Mount*> on_;
};

}  // namespace

Result<std::vector<Mount>> ParseMountInfo(std::string_view text, const std::string& source) {
  std::vector<Mount> mounts;
  size_t number = 0;
  for (const auto line : Lines(text)) {
    const std::string place = fmt::format("{}:{}", source, ++number);
    if (mounts.size() == kMaxMounts)
      return Fail(ErrorCode::kBadInput, fmt::format("{}: more than {} mounts", place, kMaxMounts));
    mounts.push_back(TRY(ParseLine(line, place)));
  }
  return mounts;
}

const Mount* MountOf(const std::vector<Mount>& mounts, std::string_view path) {
  return Tree(mounts).Holder(path);
}

Covered CoveredPaths(const std::vector<Mount>& mounts) {
  const Tree tree(mounts);
  Covered covered;
  for (const auto& mount : mounts) {
    const bool kernel_files = Within(mount.point, "/proc") || Within(mount.point, "/sys");
    if (!kernel_files || tree.Holder(mount.point) != &mount) continue;
    const bool own_type = mount.type == "proc" || mount.type == "sysfs";
    const bool empty = mount.type == "tmpfs" || mount.type == "devtmpfs";
    if (empty && mount.point != "/sys/fs/cgroup") covered.masked.push_back(mount.point);
    if (own_type && mount.read_only) covered.read_only.push_back(mount.point);
  }
  std::ranges::sort(covered.masked);
  std::ranges::sort(covered.read_only);
  return covered;
}

std::vector<std::string> SeenAs(const std::vector<Mount>& mounts, const std::vector<Mount>& ours,
                                std::string_view path) {
  std::vector<std::string> seen;
  const Mount* home = MountOf(ours, path);
  if (home == nullptr) return seen;
  const std::string in_device = Joined(home->root, Below(path, home->point));
  const Tree tree(mounts);
  for (const auto& mount : mounts) {
    if (mount.device != home->device || !Within(in_device, mount.root)) continue;
    const std::string there = Joined(mount.point, Below(in_device, mount.root));
    // Another mount may lie over it.
    if (tree.Holder(there) == &mount) seen.push_back(there);
  }
  std::ranges::sort(seen);
  return seen;
}

}  // namespace whittle::inspect
