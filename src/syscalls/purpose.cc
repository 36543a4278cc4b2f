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

}  // namespace whittle
