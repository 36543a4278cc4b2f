#include "profile/library_names.h"

#include <algorithm>
#include <array>

#include "syscalls/table.h"

namespace whittle::profile {
namespace {

constexpr int64_t kSameAsOurs = -1;

struct NameRow {
  std::string_view name;
  Version since;  // 0.0.0: never
  std::array<int64_t, kAbiCount> numbers;
};

constexpr NameRow kNames[] = {
#include "libseccomp.inc"
};

const NameRow* FindName(std::string_view name) {
  const auto row = std::ranges::lower_bound(kNames, name, {}, &NameRow::name);
  return row != std::end(kNames) && row->name == name ? row : nullptr;
}

}  // namespace

bool LibraryKnows(std::string_view name, const Version& version) {
  const NameRow* row = FindName(name);
  if (row == nullptr) return IsSyscallName(name);
  return row->since != Version{} && row->since <= version;
}

std::optional<uint32_t> LibraryNumber(Abi abi, std::string_view name) {
  const NameRow* row = FindName(name);
  const int64_t number = row == nullptr ? kSameAsOurs : row->numbers[static_cast<size_t>(abi)];
  if (number == kSameAsOurs) return SyscallNumber(abi, name);
  if (number < 0) return std::nullopt;
  return static_cast<uint32_t>(number);
}

bool SomeLibraryKnows(std::string_view name) { return FindName(name) != nullptr || IsSyscallName(name); }

}  // namespace whittle::profile
