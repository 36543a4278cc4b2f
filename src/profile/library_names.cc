#include "profile/library_names.h"

#include <array>
#include <unordered_map>

#include "syscalls/table.h"

namespace whittle::profile {
namespace {

constexpr int64_t kSameAsOurs = -1;
constexpr int64_t kLacks = -1;

struct FileRow {
  std::string_view name;
  Version since;  // 0.0.0: never
  std::array<int64_t, kAbiCount> numbers;
};

constexpr FileRow kRows[] = {
#include "libseccomp.inc"
};

struct Entry {
  std::string_view name;
  Version since;
  std::array<int64_t, kAbiCount> numbers;
};

int64_t OurNumber(Abi abi, std::string_view name) {
  const auto number = SyscallNumber(abi, name);
  return number ? static_cast<int64_t>(*number) : kLacks;
}

std::array<int64_t, kAbiCount> Unchanged() {
  std::array<int64_t, kAbiCount> numbers;
  numbers.fill(kSameAsOurs);
  return numbers;
}

Entry Merge(const FileRow& row) {
  Entry entry{row.name, row.since, row.numbers};
  for (const Abi abi : AllAbis()) {
    int64_t& number = entry.numbers[static_cast<size_t>(abi)];
    if (number == kSameAsOurs) number = OurNumber(abi, row.name);
    if (number < 0) number = kLacks;
  }
  return entry;
}

// Both tables together, by name.
const std::unordered_map<std::string_view, Entry>& Entries() {
  static const auto entries = [] {
    std::unordered_map<std::string_view, Entry> made;
    for (const auto& row : kRows) made.emplace(row.name, Merge(row));
    for (const auto name : AllSyscallNames()) {
      if (!made.contains(name)) made.emplace(name, Merge({name, {2, 5, 0}, Unchanged()}));
    }
    return made;
  }();
  return entries;
}

}  // namespace

std::optional<LibraryName> LibraryName::Find(std::string_view name) {
  const auto found = Entries().find(name);
  if (found == Entries().end() || found->second.since == Version{}) return std::nullopt;
  LibraryName known;
  known.text_ = found->second.name;
  known.since_ = found->second.since;
  known.numbers_ = found->second.numbers.data();
  return known;
}

std::optional<uint32_t> LibraryName::NumberOn(Abi abi) const {
  const int64_t number = numbers_[static_cast<size_t>(abi)];
  if (number < 0) return std::nullopt;
  return static_cast<uint32_t>(number);
}

bool LibraryKnows(std::string_view name, const Version& version) {
  const auto known = LibraryName::Find(name);
  return known && known->KnownTo(version);
}

std::optional<uint32_t> LibraryNumber(Abi abi, std::string_view name) {
  const auto known = LibraryName::Find(name);
  return known ? known->NumberOn(abi) : std::nullopt;
}

}  // namespace whittle::profile
