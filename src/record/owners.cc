#include "record/owners.h"

#include <fmt/core.h>

#include <algorithm>

#include "record/subjects.h"
#include "shared.h"

namespace whittle::record {

void Owners::Add(uint64_t key, std::string path, Decision decision) {
  owners_.try_emplace(key, Owner{std::move(path), decision, ""});
}

std::vector<uint64_t> Owners::SelfAndBelow(uint64_t key) const {
  const auto found = owners_.find(key);
  if (found == owners_.end()) return {};
  std::vector<uint64_t> keys;
  for (const auto& [other, owner] : owners_) {
    const bool same_hierarchy = CgroupKey{other}.v1() == CgroupKey{key}.v1();
    const bool below = !found->second.path.empty() && IsBelow(owner.path, found->second.path);
    if (other == key || (same_hierarchy && below)) keys.push_back(other);
  }
  return keys;
}

std::vector<uint64_t> Owners::Decide(uint64_t key, Decision decision) {
  std::vector<uint64_t> changed;
  for (const uint64_t each : SelfAndBelow(key)) {
    Owner& owner = owners_.at(each);
    const bool follows = decision == Decision::kKept && owner.decision == Decision::kUndecided;
    if (each != key && !follows) continue;
    owner.decision = decision;
    changed.push_back(each);
  }
  return changed;
}

std::vector<uint64_t> Owners::Name(uint64_t key, const std::string& container) {
  auto keys = SelfAndBelow(key);
  for (const uint64_t each : keys) owners_.at(each).name = container;
  return keys;
}

bool Owners::IsName(const std::string& container) const {
  return std::ranges::any_of(owners_, [&](const auto& owner) { return owner.second.name == container; });
}

bool Owners::Reported(uint64_t key) const {
  const auto found = owners_.find(key);
  return found == owners_.end() ? key == 0 : found->second.decision == Decision::kKept;
}

bool Owners::Covers(const Cgroup& cgroup) const {
  return std::ranges::any_of(owners_, [&](const auto& entry) {
    const auto& [key, owner] = entry;
    if (owner.decision != Decision::kKept || owner.path.empty() || CgroupKey{key}.v1() != cgroup.key.v1())
      return false;
    return key == cgroup.key.value || IsBelow(cgroup.path, owner.path);
  });
}

std::string Owners::ContainerName(uint64_t key) const {
  const auto found = owners_.find(key);
  if (found != owners_.end() && !found->second.name.empty()) return found->second.name;
  if ((key & WHITTLE_KEY_TREE) != 0) return "-";
  if (found != owners_.end() && !found->second.path.empty()) return LastComponent(found->second.path);
  if (key == 0) return "?";
  return fmt::format("cgroup-{}", CgroupKey{key}.id());
}

std::string Owners::Path(uint64_t key) const {
  const auto found = owners_.find(key);
  return found == owners_.end() ? "" : found->second.path;
}

std::vector<Cgroup> Owners::Undecided() const {
  std::vector<Cgroup> undecided;
  for (const auto& [key, owner] : owners_) {
    if (owner.decision == Decision::kUndecided) undecided.push_back({CgroupKey{key}, owner.path});
  }
  return undecided;
}

}  // namespace whittle::record
