#include "container/capabilities.h"

#include <algorithm>
#include <cctype>

#include "profile/selector_names.h"

namespace whittle::container {
namespace {

std::string Normalized(const std::string& name) {
  std::string upper = name;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper.starts_with("CAP_") || upper == "ALL" ? upper : "CAP_" + upper;
}

std::set<std::string> NormalizedSet(std::span<const std::string> names) {
  std::set<std::string> out;
  for (const auto& name : names) out.insert(Normalized(name));
  return out;
}

std::set<std::string> Without(std::set<std::string> from, const std::set<std::string>& taken) {
  for (const auto& name : taken) from.erase(name);
  return from;
}

}  // namespace

std::span<const std::string_view> AllCapabilities() { return profile::CapabilityNames(); }

std::set<std::string> CapabilitiesOfMask(uint64_t mask) {
  std::set<std::string> out;
  const auto names = AllCapabilities();
  for (size_t bit = 0; bit < names.size(); ++bit) {
    if ((mask >> bit & 1) != 0) out.emplace(names[bit]);
  }
  return out;
}

std::set<std::string> TweakCapabilities(const std::set<std::string>& defaults,
                                        std::span<const std::string> add, std::span<const std::string> drop) {
  std::set<std::string> added = NormalizedSet(add);
  const std::set<std::string> dropped = NormalizedSet(drop);
  const std::set<std::string> all(AllCapabilities().begin(), AllCapabilities().end());
  if (added.contains("ALL")) return dropped.contains("ALL") ? std::set<std::string>() : Without(all, dropped);
  if (dropped.contains("ALL")) return added;
  std::set<std::string> out = Without(defaults, dropped);
  out.merge(added);
  return out;
}

}  // namespace whittle::container
