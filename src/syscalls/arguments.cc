#include "syscalls/arguments.h"

#include <algorithm>
#include <string_view>

#include "syscalls/table.h"

namespace whittle {
namespace {

struct ArgumentsRow {
  std::string_view call, count, i386;
};
constexpr ArgumentsRow kRows[] = {
#include "arguments.inc"
};

struct TypesRow {
  std::string_view call, types;
};
constexpr TypesRow kTypeRows[] = {
#include "argument_types.inc"
};
constexpr uint32_t kUnknown = 6;

uint32_t Digit(std::string_view cell) { return static_cast<uint32_t>(cell[0] - '0'); }

}  // namespace

uint32_t ArgumentCount(Abi abi, uint32_t number) {
  const auto name = SyscallName(abi, number);
  if (!name) return kUnknown;
  const auto row = std::ranges::lower_bound(kRows, *name, {}, &ArgumentsRow::call);
  if (row == std::end(kRows) || row->call != *name) return kUnknown;
  if (!Is32Bit(abi) || row->i386.empty()) return Digit(row->count);
  return abi == Abi::kI386 ? Digit(row->i386) : kUnknown;
}

ArgumentKind KindOfArgument(std::string_view call, uint32_t argument) {
  const auto row = std::ranges::lower_bound(kTypeRows, call, {}, &TypesRow::call);
  if (row == std::end(kTypeRows) || row->call != call || argument >= row->types.size())
    return ArgumentKind::kUnknown;
  switch (row->types[argument]) {
    case 'p':
      return ArgumentKind::kPointer;
    case 'i':
      return ArgumentKind::kInt;
    case 'u':
      return ArgumentKind::kUnsignedInt;
    case 'l':
      return ArgumentKind::kSignedWord;
    default:
      return ArgumentKind::kWord;
  }
}

ArgumentKind KindOfArgument(Abi abi, std::string_view call, uint32_t argument) {
  const uint32_t stack = abi == Abi::kS390x || abi == Abi::kS390 ? 0 : 1;
  if (call == "clone" && argument == stack) return ArgumentKind::kPointer;
  return KindOfArgument(call, argument);
}

bool IsInt(std::string_view call, uint32_t argument) {
  const auto kind = KindOfArgument(call, argument);
  return kind == ArgumentKind::kInt || kind == ArgumentKind::kUnsignedInt;
}

}  // namespace whittle
