#include "syscalls/purpose.h"

#include <algorithm>
#include <iterator>

#include "syscalls/facts.h"

namespace whittle {
namespace {

struct MeaningRow {
  std::string_view call, meaning;
};
constexpr MeaningRow kMeaningRows[] = {
#include "meanings.inc"
};

struct FallbackRow {
  std::string_view call, abis, kernel, fallback, reason;
};
constexpr FallbackRow kFallbackRows[] = {
#include "fallbacks.inc"
};

struct CapabilityRow {
  std::string_view call, capability;
};
constexpr CapabilityRow kCapabilityRows[] = {
#include "call_capabilities.inc"
};

constexpr StartNeed kStartNeeds[] = {
#include "start_needs.inc"
};

}  // namespace

std::optional<std::string_view> SyscallMeaning(std::string_view name) {
  const auto row = std::ranges::lower_bound(kMeaningRows, name, {}, &MeaningRow::call);
  if (row == std::end(kMeaningRows) || row->call != name) return std::nullopt;
  return row->meaning;
}

std::optional<Fallback> SyscallFallback(Abi abi, std::string_view name) {
  for (const auto& row : kFallbackRows) {
    if (row.call == name && AbisInclude(row.abis, abi)) return Fallback{row.fallback, row.reason};
  }
  return std::nullopt;
}

std::string_view SyscallCapability(std::string_view name) {
  const auto row = std::ranges::lower_bound(kCapabilityRows, name, {}, &CapabilityRow::call);
  return row != std::end(kCapabilityRows) && row->call == name ? row->capability : "";
}

std::span<const StartNeed> StartNeeds() { return kStartNeeds; }

}  // namespace whittle
