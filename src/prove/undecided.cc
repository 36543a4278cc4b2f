#include "prove/undecided.h"

#include <fmt/core.h>

#include <algorithm>

#include "syscalls/table.h"

namespace whittle::prove {
namespace {

constexpr size_t kMostRegions = 1 << 14;

// Neighbours that are both undecided are one, whatever else is known of them.
void AddAbi(const SideBySide& sides, Abi abi, std::vector<Undecided>& all) {
  const Diagrams& diagrams = *sides.diagrams;
  const auto regions =
      Clip(RegionsOf(diagrams, sides.OfAbi(sides.differences, abi), kNumberWord, kMostRegions), abi);
  const auto open = [&](const Region& region) { return Reaches(diagrams, region.node, Diagrams::kTrue); };
  if (std::ranges::all_of(regions, open)) return all.push_back({abi, AbiBit(abi), UINT32_MAX});
  for (const auto& region : regions) {
    if (!open(region)) continue;
    const bool goes_on = !all.empty() && all.back().abi == abi && all.back().to + 1 == region.from;
    if (goes_on) {
      all.back().to = region.to;
    } else {
      all.push_back({abi, region.from, region.to});
    }
  }
}

bool IsOf(uint32_t arch, std::span<const Abi> abis) {
  return std::ranges::any_of(abis, [&](Abi abi) { return AuditArch(abi) == arch; });
}

}  // namespace

std::vector<Undecided> UndecidedOf(const SideBySide& sides, std::span<const Abi> abis) {
  std::vector<Undecided> all;
  if (!sides.decided()) {
    for (const Abi abi : abis) all.push_back({abi, AbiBit(abi), UINT32_MAX});
    all.push_back({});
    return all;
  }
  if (sides.undecided == 0) return all;
  for (const Abi abi : abis) AddAbi(sides, abi, all);
  for (const auto& region : RegionsOf(*sides.diagrams, sides.differences, kArchWord, kMostRegions)) {
    const bool named = region.from == region.to && IsOf(region.from, abis);
    if (named || !Reaches(*sides.diagrams, region.node, Diagrams::kTrue)) continue;
    all.push_back({});
    break;
  }
  return all;
}

std::string UndecidedText(const Undecided& undecided) {
  if (!undecided.abi) return "every other architecture";
  const Abi abi = *undecided.abi;
  if (undecided.from == AbiBit(abi) && undecided.to == UINT32_MAX)
    return fmt::format("{} every call", AbiName(abi));
  if (undecided.from == undecided.to)
    return fmt::format("{} {}", AbiName(abi), SyscallText(abi, undecided.from));
  const uint32_t bits = ~AbiBit(abi);
  return fmt::format("{} #{} to #{}", AbiName(abi), undecided.from & bits, undecided.to & bits);
}

}  // namespace whittle::prove
