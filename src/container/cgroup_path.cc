#include "container/cgroup_path.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/text.h"

namespace whittle::container {
namespace {

constexpr size_t kMaxPath = 4096;
constexpr size_t kIdLength = 64;

struct Prefix {
  std::string_view text;
  std::string_view manager;
};
// What managers write before the id. An empty manager: known to be no container.
constexpr std::array kPrefixes = {
    Prefix{"docker-", "docker"},         Prefix{"libpod-conmon-", ""},
    Prefix{"libpod-", "podman"},         Prefix{"cri-containerd-", "containerd"},
    Prefix{"containerd-", "containerd"}, Prefix{"nerdctl-", "containerd"},
    Prefix{"crio-conmon-", ""},          Prefix{"crio-", "cri-o"},
};

// The manager of a bare id, told from the folder above it.
std::string_view ManagerOfParent(std::string_view parent) {
  if (parent == "docker") return "docker";
  if (parent.starts_with("libpod")) return "podman";
  return "";
}

bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

std::optional<CgroupOwner> OwnerOfComponent(std::string_view component, std::string_view parent) {
  TakeSuffix(component, ".scope") || TakeSuffix(component, ".service");
  // containerd's systemd spelling "slice:prefix:ID" stands as a plain folder where cgroupfs reads it.
  if (const size_t colon = component.rfind(':'); colon != std::string_view::npos)
    component.remove_prefix(colon + 1);
  if (component.size() < kIdLength) return std::nullopt;
  const std::string_view id = component.substr(component.size() - kIdLength);
  const std::string_view before = component.substr(0, component.size() - kIdLength);
  if (!IsContainerId(id)) return std::nullopt;
  if (before.empty()) return CgroupOwner{std::string(id), std::string(ManagerOfParent(parent))};
  for (const auto& prefix : kPrefixes) {
    if (before != prefix.text) continue;
    if (prefix.manager.empty()) return std::nullopt;
    return CgroupOwner{std::string(id), std::string(prefix.manager)};
  }
  return std::nullopt;
}

}  // namespace

bool IsContainerId(std::string_view text) {
  return text.size() == kIdLength &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::vector<std::string> CgroupNames(std::string_view path) {
  std::vector<std::string> names;
  if (path.size() > kMaxPath) return names;
  if (auto id = OwnerOfCgroupPath(path).id; !id.empty()) names.push_back(std::move(id));
  for (auto above = path; above.size() > 1; above = above.substr(0, above.rfind('/'))) {
    names.emplace_back(above);
    if (above.rfind('/') == above.npos) break;
  }
  const auto components = Split(path, '/');
  for (size_t i = components.size(); i-- > 0;) names.emplace_back(components[i]);
  return names;
}

std::string_view OwnCgroupPath(std::string_view path, std::string_view id) {
  const size_t found = id.empty() ? path.npos : path.rfind(id);
  if (found == path.npos) return {};
  const size_t end = found + id.size();
  const bool whole_path = id.starts_with('/');  // "/default/we" does not name "/default/web"
  if (whole_path && (found != 0 || (end < path.size() && path[end] != '/'))) return {};
  return path.substr(0, std::min(path.find('/', end), path.size()));
}

CgroupOwner OwnerOfCgroupPath(std::string_view path) {
  if (path.size() > kMaxPath) return {};
  const std::vector<std::string_view> components = Split(path, '/');
  for (size_t i = components.size(); i-- > 0;) {
    const auto owner = OwnerOfComponent(components[i], i > 0 ? components[i - 1] : std::string_view());
    if (owner) return *owner;
  }
  return {};
}

}  // namespace whittle::container
