#include "syscalls/constants.h"

#include <algorithm>
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
  std::string_view call, argument, name, set, kind, abis;
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

// The set of flags that may stand beside a value: "socket_flags" of kind "value+socket_flags".
std::string_view SetBeside(const ArgumentRow& row) {
  constexpr std::string_view kValueAnd = "value+";
  return row.kind.starts_with(kValueAnd) ? row.kind.substr(kValueAnd.size()) : "";
}

uint64_t BitsOfSet(std::string_view set) {
  uint64_t bits = 0;
  for (const auto& row : kConstants) {
    if (row.set == set) bits |= ParseUnsigned(row.value).value_or(0);
  }
  return bits;
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
  const uint64_t beside = value & BitsOfSet(SetBeside(*row));
  const auto exact = ExactName(row->set, value & ~beside);
  if (exact && beside != 0) return *exact + "|" + JoinedNames(SetBeside(*row), beside).value_or("?");
  return exact || row->kind != "flags" ? exact : JoinedNames(row->set, value);
}

std::optional<uint64_t> ConstantValue(Abi abi, std::string_view call, uint32_t argument,
                                      std::string_view name) {
  const auto* row = FindArgument(abi, call, argument);
  if (row == nullptr) return std::nullopt;
  for (const auto& constant : kConstants) {
    const bool is_its = constant.set == row->set || constant.set == SetBeside(*row);
    if (is_its && constant.name == name) return ParseUnsigned(constant.value);
  }
  return std::nullopt;
}

std::string_view ParameterName(Abi abi, std::string_view call, uint32_t argument) {
  const auto* row = FindArgument(abi, call, argument);
  return row == nullptr ? std::string_view() : row->name;
}

std::vector<uint32_t> NamedArguments(Abi abi, std::string_view call) {
  std::vector<uint32_t> named;
  for (const auto& row : kArguments) {
    if (row.call == call && AbisInclude(row.abis, abi))
      named.push_back(static_cast<uint32_t>(ParseUnsigned(row.argument).value_or(0)));
  }
  std::ranges::sort(named);
  return named;
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
