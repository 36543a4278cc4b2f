#include "syscalls/constants.h"

#include <vector>

#include "base/text.h"
#include "syscalls/facts.h"

namespace whittle {
namespace {

struct ConstantRow {
  std::string_view set, name, value;
};
constexpr ConstantRow kConstants[] = {
#include "constants.inc"
};

struct ArgumentRow {
  std::string_view call, argument, set, kind, abis;
};
constexpr ArgumentRow kArguments[] = {
#include "named_arguments.inc"
};

constexpr size_t kMostFlags = 8;  // more names than that are harder to read than the number

const ArgumentRow* FindArgument(Abi abi, std::string_view call, uint32_t argument) {
  for (const auto& row : kArguments) {
    if (row.call == call && ParseUnsigned(row.argument) == argument && AbisInclude(row.abis, abi))
      return &row;
  }
  return nullptr;
}

std::optional<std::string> ExactName(std::string_view set, uint64_t value) {
  for (const auto& row : kConstants) {
    if (row.set == set && ParseUnsigned(row.value) == value) return std::string(row.name);
  }
  return std::nullopt;
}

std::optional<std::string> JoinedNames(std::string_view set, uint64_t mask) {
  std::vector<std::string> names;
  for (const auto& row : kConstants) {
    const uint64_t bits = row.set == set ? ParseUnsigned(row.value).value_or(0) : 0;
    if (bits == 0 || (mask & bits) != bits) continue;
    names.emplace_back(row.name);
    mask &= ~bits;
  }
  if (mask != 0 || names.empty() || names.size() > kMostFlags) return std::nullopt;
  return Join(names, "|");
}

}  // namespace

std::optional<std::string> ConstantText(Abi abi, std::string_view call, uint32_t argument, uint64_t value) {
  const auto* row = FindArgument(abi, call, argument);
  if (row == nullptr) return std::nullopt;
  const auto exact = ExactName(row->set, value);
  return exact || row->kind == "value" ? exact : JoinedNames(row->set, value);
}

std::optional<std::string> FlagsText(Abi abi, std::string_view call, uint32_t argument, uint64_t mask) {
  const auto* row = FindArgument(abi, call, argument);
  if (row == nullptr || row->kind != "flags") return std::nullopt;
  return JoinedNames(row->set, mask);
}

std::optional<NamedValues> ValuesOfArgument(Abi abi, std::string_view call, uint32_t argument) {
  const auto* row = FindArgument(abi, call, argument);
  if (row == nullptr) return std::nullopt;
  NamedValues named{row->kind == "flags", {}};
  for (const auto& constant : kConstants) {
    if (constant.set != row->set) continue;
    named.values.push_back({constant.name, ParseUnsigned(constant.value).value_or(0)});
  }
  return named;
}

}  // namespace whittle
