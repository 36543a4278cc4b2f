#include "import/strace_words.h"

#include <string.h>

#include "base/text.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

int OctalDigits(std::string_view text, size_t at) {
  int count = 0;
  while (count < 3 && at + static_cast<size_t>(count) < text.size() &&
         text[at + static_cast<size_t>(count)] >= '0' && text[at + static_cast<size_t>(count)] <= '7') {
    ++count;
  }
  return count;
}

}  // namespace

uint32_t ErrnoNumber(std::string_view name) {
  for (int number = 1; number < 134; ++number) {
    const char* known = strerrorname_np(number);
    if (known != nullptr && name == known) return static_cast<uint32_t>(number);
  }
  return 0;
}

std::string FirstString(std::string_view arguments) {
  const size_t open = arguments.find('"');
  if (open == std::string_view::npos) return "?";
  std::string path;
  for (size_t i = open + 1; i < arguments.size() && arguments[i] != '"'; ++i) {
    if (arguments[i] != '\\' || i + 1 >= arguments.size()) {
      path += arguments[i];
      continue;
    }
    ++i;
    const int digits = OctalDigits(arguments, i);
    int value = 0;
    for (int k = 0; k < digits; ++k) value = value * 8 + (arguments[i + static_cast<size_t>(k)] - '0');
    if (digits > 0) {
      path += static_cast<char>(value);
      i += static_cast<size_t>(digits) - 1;
    } else {
      const size_t escape = std::string_view("ntrvf").find(arguments[i]);
      path += escape == std::string_view::npos ? arguments[i] : "\n\t\r\v\f"[escape];
    }
  }
  constexpr size_t kMaxPath = 4096;
  return path.empty() || path.size() > kMaxPath ? "?" : path;
}

bool IsExec(std::string_view name) { return name == "execve" || name == "execveat"; }
bool IsFork(std::string_view name) {
  return name == "clone" || name == "fork" || name == "vfork" || name == "clone3";
}

evidence::CloneFlags FlagsOf(std::string_view name, std::string_view arguments) {
  using evidence::CloneFlags;
  const bool has_flags = arguments.find("flags=") != std::string_view::npos;
  if ((name != "clone" && name != "clone3") || !has_flags) return CloneFlags::kUnknown;
  if (arguments.find("CLONE_NEW") != std::string_view::npos) return CloneFlags::kNamespaces;
  for (const std::string_view only : {"set_tid=", "CLONE_INTO_CGROUP"}) {
    if (name == "clone3" && arguments.find(only) != std::string_view::npos) return CloneFlags::kOnlyClone3;
  }
  return CloneFlags::kOrdinary;
}

namespace {

Resolved Known(Abi abi, uint32_t number, bool foreign) {
  Resolved resolved;
  resolved.known = true;
  resolved.foreign = foreign;
  resolved.abi = abi;
  resolved.number = number;
  return resolved;
}

}  // namespace

Resolved Resolve(std::string_view name, Abi abi, Abi native) {
  constexpr std::string_view kUnnamed = "syscall_0x";
  if (name.starts_with(kUnnamed)) {
    const auto number = ParseUnsigned(name.substr(kUnnamed.size() - 2));
    if (!number || *number > UINT32_MAX) return {};
    const uint32_t bit = abi == Abi::kX32 ? kX32Bit : 0;
    const auto whole = static_cast<uint32_t>(*number) | bit;
    return Known(abi, whole, false);
  }
  if (const auto number = SyscallNumber(abi, name)) return Known(abi, *number, false);
  for (const Abi other : SiblingAbis(native)) {
    if (const auto number = SyscallNumber(other, name)) return Known(other, *number, true);
  }
  return {};
}

}  // namespace whittle::import
