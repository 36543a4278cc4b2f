#include "algebra/place.h"

#include <algorithm>
#include <optional>

namespace whittle::algebra {
namespace {

// Whose kernel serves the ABI.
Abi NativeFor(Abi abi) {
  for (const Abi native : AllAbis()) {
    const auto siblings = SiblingAbis(native);
    if (siblings.size() > 1 && std::ranges::find(siblings, abi) != siblings.end()) return native;
  }
  return abi;
}

void Take(std::vector<Abi>& natives, std::string_view scmp_name) {
  const auto abi = ParseAbi(scmp_name);
  if (!abi) return;
  const Abi native = NativeFor(*abi);
  if (std::ranges::find(natives, native) == natives.end()) natives.push_back(native);
}

}  // namespace

std::vector<Abi> NativesOf(const profile::Document& document) {
  std::vector<Abi> natives;
  for (const auto& name : document.architectures) Take(natives, name);
  for (const auto& mapping : document.arch_map) Take(natives, mapping.architecture);
  return natives;
}

bool IsFor(const profile::Document& document, Abi native) {
  const auto natives = NativesOf(document);
  return natives.empty() || std::ranges::find(natives, native) != natives.end();
}

// Docker's own documents map every architecture that there is; only what is asked for is composed then. Lists
// of `architectures` are what a person wrote for certain hosts.
std::vector<profile::Target> TargetsOf(std::span<const profile::Document> parts,
                                       const profile::Target& target) {
  std::vector<Abi> natives;
  for (const auto& part : parts) {
    if (!part.arch_map.empty()) continue;
    for (const auto& name : part.architectures) Take(natives, name);
  }
  if (natives.size() < 2) return {target};
  std::ranges::sort(natives);
  std::vector<profile::Target> targets;
  for (const Abi native : natives) {
    targets.push_back(target);
    targets.back().arch = native;
  }
  return targets;
}

}  // namespace whittle::algebra
