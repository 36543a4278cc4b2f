#include "import/strace_words.h"

#include <string.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "filter/library.h"
#include "profile/library_names.h"
#include "syscalls/constants.h"
#include "syscalls/facts.h"
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
  if (const auto number = ParseUnsigned(name))
    return static_cast<uint32_t>(std::min<uint64_t>(*number, UINT32_MAX));
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
  size_t i = open + 1;
  for (; i < arguments.size() && arguments[i] != '"'; ++i) {
    if (arguments[i] != '\\' || i + 1 >= arguments.size()) {
      path += arguments[i];
      continue;
    }
    ++i;
    const int digits = OctalDigits(arguments, i);
    int value = 0;
    for (int k = 0; k < digits; ++k) value = value * 8 + (arguments[i + static_cast<size_t>(k)] - '0');
    const bool is_hex = arguments[i] == 'x' && i + 2 < arguments.size() && HexDigit(arguments[i + 1]) >= 0 &&
                        HexDigit(arguments[i + 2]) >= 0;
    if (digits > 0) {
      path += static_cast<char>(value);
      i += static_cast<size_t>(digits) - 1;
    } else if (is_hex) {  // -x, -xx
      path += static_cast<char>(HexDigit(arguments[i + 1]) * 16 + HexDigit(arguments[i + 2]));
      i += 2;
    } else {
      const size_t escape = std::string_view("ntrvf").find(arguments[i]);
      path += escape == std::string_view::npos ? arguments[i] : "\n\t\r\v\f"[escape];
    }
  }
  constexpr size_t kMaxPath = 4096;
  const bool is_cut = i >= arguments.size();
  return is_cut || path.empty() || path.size() > kMaxPath ? "?" : path;
}

bool IsExec(std::string_view name) { return name == "execve" || name == "execveat"; }
bool IsFork(std::string_view name) {
  return name == "clone" || name == "fork" || name == "vfork" || name == "clone3";
}

bool IsReturnFromHandler(std::string_view name) { return name == "rt_sigreturn" || name == "sigreturn"; }

namespace {

constexpr std::string_view kFlags = "flags=";
constexpr std::string_view kEndsOfFlags = ", }<";

// Of the flags of a clone those that are written as numbers: "0x3d0f00", "CLONE_VM|0x400".
uint64_t NumberedFlags(std::string_view arguments) {
  const size_t at = arguments.find(kFlags);
  if (at == std::string_view::npos) return 0;
  const auto flags = arguments.substr(at + kFlags.size());
  uint64_t bits = 0;
  for (const auto word : Split(flags.substr(0, flags.find_first_of(kEndsOfFlags)), '|')) {
    bits |= ParseUnsigned(word).value_or(0);
  }
  return bits;
}

}  // namespace

evidence::CloneFlags FlagsOf(std::string_view name, std::string_view arguments, bool is_whole) {
  using evidence::CloneFlags;
  constexpr uint64_t kNewTime = 0x80, kIntoCgroup = uint64_t{1} << 33;  // of clone3 only
  const size_t flags = arguments.find(kFlags);
  if ((name != "clone" && name != "clone3") || flags == std::string_view::npos) return CloneFlags::kUnknown;
  const bool may_go_on = !is_whole && arguments.find_first_of(kEndsOfFlags, flags) == std::string_view::npos;
  if (may_go_on) return CloneFlags::kUnknown;
  const uint64_t bits = NumberedFlags(arguments);
  const bool is_clone3 = name == "clone3";
  const bool has_namespaces = arguments.find("CLONE_NEW") != std::string_view::npos ||
                              evidence::CloneFlagsOf(bits) == CloneFlags::kNamespaces ||
                              (is_clone3 && (bits & kNewTime) != 0);
  if (has_namespaces) return CloneFlags::kNamespaces;
  const bool only_clone3 = is_clone3 && (arguments.find("set_tid=") != std::string_view::npos ||
                                         arguments.find("CLONE_INTO_CGROUP") != std::string_view::npos ||
                                         (bits & kIntoCgroup) != 0);
  return only_clone3 ? CloneFlags::kOnlyClone3 : CloneFlags::kOrdinary;
}

bool MayRenumber(std::string_view name, std::string_view arguments) {
  constexpr uint64_t kNewPid = 0x20000000;
  if (arguments.find("CLONE_NEWPID") != std::string_view::npos) return true;
  if (name == "clone" || name == "clone3") return (NumberedFlags(arguments) & kNewPid) != 0;
  const auto flags = Trim(arguments.substr(name == "setns" ? arguments.rfind(',') + 1 : 0));
  const bool any_kind = name == "setns" && flags == "0";  // whatever the descriptor is
  const auto words = Split(flags, '|');
  return any_kind || std::ranges::any_of(words, [](std::string_view word) {
           return (ParseUnsigned(word).value_or(0) & kNewPid) != 0;
         });
}

bool MakesThread(std::string_view arguments) {
  constexpr uint64_t kThread = 0x10000;
  return arguments.find("CLONE_THREAD") != std::string_view::npos ||
         (NumberedFlags(arguments) & kThread) != 0;
}

namespace {

std::string_view FieldOf(std::string_view details, std::string_view name) {
  const size_t at = details.find(name);
  if (at == std::string_view::npos) return {};
  const auto value = details.substr(at + name.size());
  return value.substr(0, value.find_first_of(", }"));
}

std::optional<uint32_t> NumberOf(std::string_view text) {
  const auto value = ParseUnsigned(text);
  return value && *value <= UINT32_MAX ? std::optional(static_cast<uint32_t>(*value)) : std::nullopt;
}

// What follows the prefix; empty if it is not there.
std::string_view After(std::string_view prefix, std::string_view text) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : std::string_view();
}

}  // namespace

Sigsys ReadSigsys(std::string_view details) {
  using enum Sigsys::Sender;
  Sigsys signal;
  const auto code = FieldOf(details, "si_code=");
  if (code.empty()) return signal;
  signal.sender = code == "SYS_SECCOMP" || NumberOf(code) == 1 ? kFilter : kProcess;
  const auto call = FieldOf(details, "si_syscall="), arch = FieldOf(details, "si_arch=");
  signal.name = After("__NR_", call);
  signal.number = NumberOf(call);
  signal.arch_name = After("AUDIT_ARCH_", arch);
  signal.arch = NumberOf(arch);
  return signal;
}

namespace {

// "_IOC(_IOC_READ|_IOC_WRITE, 0x54, 0x13, 0x8)": how strace writes a request of ioctl that it has no name
// for.
std::optional<uint64_t> IoctlRequest(std::string_view text) {
  constexpr std::string_view kStart = "_IOC(";
  if (!text.starts_with(kStart) || !text.ends_with(')')) return std::nullopt;
  const auto parts = Split(text.substr(kStart.size(), text.size() - kStart.size() - 1), ',');
  if (parts.size() != 4) return std::nullopt;
  uint64_t direction = 0;
  for (const auto word : Split(Trim(parts[0]), '|')) {
    if (word != "_IOC_NONE" && word != "_IOC_WRITE" && word != "_IOC_READ") return std::nullopt;
    direction |= word == "_IOC_READ" ? 2 : word == "_IOC_WRITE" ? 1 : 0;
  }
  const auto type = ParseUnsigned(Trim(parts[1])), number = ParseUnsigned(Trim(parts[2])),
             size = ParseUnsigned(Trim(parts[3]));
  if (!type || !number || !size || *type > 0xff || *number > 0xff || *size > 0x3fff) return std::nullopt;
  return direction << 30 | *size << 16 | *type << 8 | *number;
}

// "0x2 /* SOCK_DGRAM */|0x80000 /* SOCK_CLOEXEC */"
std::string WithoutComments(std::string_view text) {
  std::string bare;
  for (size_t open = text.find("/*"); open != std::string_view::npos; open = text.find("/*")) {
    bare += text.substr(0, open);
    const size_t close = text.find("*/", open);
    text.remove_prefix(close == std::string_view::npos ? text.size() : close + 2);
  }
  return bare += text;
}

// A number, or what the name of a value or flag stands for.
std::optional<uint64_t> WordValue(Abi abi, std::string_view call, uint32_t argument, std::string_view word) {
  if (word == "NULL") return 0;
  if (word.starts_with('-')) {
    const auto negative = ParseSigned(word);
    return negative ? std::optional(static_cast<uint64_t>(*negative)) : std::nullopt;
  }
  if (!word.empty() && word[0] >= '0' && word[0] <= '9') return ParseUnsigned(word);
  return ConstantValue(abi, call, argument, word);
}

// MS_MGC_VAL: what stands above it in the register strace does not show.
bool HasOldMagic(uint64_t flags) { return (flags & 0xffff0000) == 0xc0ed0000; }

}  // namespace

std::optional<uint64_t> ArgumentValue(Abi abi, std::string_view call, uint32_t argument,
                                      std::string_view text) {
  std::string bare;
  if (text.find("/*") != std::string_view::npos) text = bare = WithoutComments(text);
  text = Trim(text);
  if (const auto request = IoctlRequest(text)) return request;
  constexpr std::string_view kOr = " or ";
  if (const size_t at = text.find(kOr); at != std::string_view::npos) {
    const auto first = ArgumentValue(abi, call, argument, text.substr(0, at));
    return first ? first : ArgumentValue(abi, call, argument, text.substr(at + kOr.size()));
  }
  uint64_t value = 0;
  for (const auto word : Split(text, '|')) {
    const auto part = WordValue(abi, call, argument, Trim(word));
    if (!part) return std::nullopt;
    value |= *part;
  }
  if (text.empty() || (call == "mount" && HasOldMagic(value))) return std::nullopt;
  return value;
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

// socketcall or ipc, if the ABI reaches the call through it.
std::optional<uint32_t> Multiplexer(Abi abi, std::string_view name) {
  if (!filter::IsMultiplexed(abi, name)) return std::nullopt;
  return SyscallNumber(abi, SyscallGroup(name) == "network" ? "socketcall" : "ipc");
}

// Calls of the past (uselib, _sysctl) have no name in the table; libseccomp, and so profiles, know them.
std::optional<uint32_t> CallNumber(Abi abi, std::string_view name) {
  const auto number = SyscallNumber(abi, name);
  return number ? number : profile::LibraryNumber(abi, name);
}

std::optional<Resolved> Find(std::string_view name, Abi abi, bool foreign) {
  const auto own = CallNumber(abi, name);
  const auto multiplexer = Multiplexer(abi, name);
  if (!own && !multiplexer) return std::nullopt;
  Resolved resolved = Known(abi, own ? *own : *multiplexer, foreign);
  if (own) resolved.perhaps = multiplexer;
  return resolved;
}

// The ABI in which that number has that name.
std::optional<Resolved> FindNumbered(std::string_view name, uint32_t number, Abi abi) {
  const uint32_t whole = number | AbiBit(abi);
  if (CallNumber(abi, name) != whole && Multiplexer(abi, name) != whole) return std::nullopt;
  return Known(abi, whole, false);
}

}  // namespace

Resolved Resolve(std::string_view name, std::optional<uint32_t> number, Abi abi, Abi native) {
  constexpr std::string_view kUnnamed = "syscall_";  // and a number, which is decimal in old traces
  if (name.starts_with(kUnnamed)) {
    const auto value = ParseUnsigned(name.substr(kUnnamed.size()));
    if (!value) return {};
    // The kernel, and filters, take the low half: "syscall_0xffffffffffffffff".
    const auto low = static_cast<uint32_t>(*value);
    const Abi of = AbiOfNumber(abi, low);
    return Known(of, low | AbiBit(abi), of != abi && !number);
  }
  std::vector<Abi> abis = {abi, native};
  for (const Abi other : SiblingAbis(native)) abis.push_back(other);
  for (const Abi one : abis) {
    const auto found = number ? FindNumbered(name, *number, one) : std::nullopt;
    if (found) return *found;
  }
  for (const Abi one : abis) {
    if (const auto found = Find(name, one, one != abi)) return *found;
  }
  return {};
}

}  // namespace whittle::import
