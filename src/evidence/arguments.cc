#include "evidence/arguments.h"

#include <fmt/core.h>

#include <array>
#include <bitset>

#include "base/text.h"
#include "syscalls/arguments.h"
#include "syscalls/constants.h"
#include "syscalls/table.h"

namespace whittle::evidence {

std::vector<uint32_t> KeptArguments(Abi abi, uint32_t number) {
  const auto name = SyscallName(abi, number);
  if (!name || name == "clone") return {};
  return NamedArguments(abi, *name);
}

namespace {

constexpr size_t kNumbers = 1024;  // no ABI has calls beyond, but for its bit
using Table = std::array<std::bitset<kNumbers>, kAbiCount>;

Table MakeTable() {
  Table table;
  for (size_t abi = 0; abi < kAbiCount; ++abi) {
    for (uint32_t number = 0; number < kNumbers; ++number)
      table[abi][number] =
          !KeptArguments(static_cast<Abi>(abi), number | AbiBit(static_cast<Abi>(abi))).empty();
  }
  return table;
}

}  // namespace

bool KeepsArguments(Abi abi, uint32_t number) {
  static const Table table = MakeTable();
  const uint32_t bare = number - AbiBit(abi);
  return bare < kNumbers && table[static_cast<size_t>(abi)][bare];
}

uint64_t AsTaken(Abi abi, uint32_t number, uint32_t argument, uint64_t value) {
  const bool is_half = Is32Bit(abi) || IsInt(SyscallName(abi, number).value_or(""), argument);
  return is_half ? value & UINT32_MAX : value;
}

std::string ValuesText(Abi abi, uint32_t number, std::span<const uint32_t> indices,
                       const Arguments::Values& values) {
  const auto name = SyscallName(abi, number).value_or("");
  std::vector<std::string> texts;
  for (size_t i = 0; i < indices.size(); ++i) {
    texts.resize(indices[i], "*");
    texts.push_back(ConstantText(abi, name, indices[i], values[i]).value_or(fmt::format("{:#x}", values[i])));
  }
  return fmt::format("({})", whittle::Join(texts, ", "));
}

Arguments::Arguments(std::vector<uint32_t> indices, Values values) : indices_(std::move(indices)) {
  if (!indices_.empty()) values_.insert(std::move(values));
}

Arguments Arguments::OfRegisters(Abi abi, uint32_t number, std::span<const uint64_t> registers) {
  auto indices = KeptArguments(abi, number);
  Values values;
  for (const uint32_t index : indices) {
    if (index >= registers.size()) return {};
    values.push_back(AsTaken(abi, number, index, registers[index]));
  }
  return {std::move(indices), std::move(values)};
}

Arguments Arguments::AsTakenBy(Abi abi, uint32_t number) const {
  Arguments taken;
  taken.indices_ = indices_;
  for (auto values : values_) {
    for (size_t i = 0; i < values.size(); ++i) values[i] = AsTaken(abi, number, indices_[i], values[i]);
    taken.values_.insert(std::move(values));
  }
  return taken;
}

void Arguments::Join(const Arguments& other) {
  if (!known()) return;
  if (indices_ == other.indices_) values_.insert(other.values_.begin(), other.values_.end());
  if (indices_ != other.indices_ || values_.size() > kMost) *this = {};
}

}  // namespace whittle::evidence
