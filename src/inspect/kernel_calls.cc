#include "inspect/kernel_calls.h"

#include "base/file.h"
#include "base/text.h"

namespace whittle::inspect {
namespace {

// Entries are functions like __x64_sys_read; a call that was left out of the build is a weak one that returns
// ENOSYS (COND_SYSCALL, Linux 4.17 and later). Test: KernelCalls.AreThoseOfTheKernelsTable.
struct Prefix {
  std::string_view symbol;
  std::string_view kind;
};
constexpr Prefix kPrefixes[] = {{"__x64_sys_", "x64:"},
                                {"__ia32_sys_", "ia32:"},
                                {"__ia32_compat_sys_", "ia32:"},
                                {"__x64_compat_sys_", "x64:"}};

// Calls whose entry has another name.
std::string_view EntryOf(std::string_view name) { return name == "umount2" ? "umount" : name; }

}  // namespace

KernelCalls KernelCalls::OfThisKernel() { return Parse(ReadKernelFile("/proc/kallsyms").value_or("")); }

KernelCalls KernelCalls::Parse(std::string_view symbols) {
  KernelCalls calls;
  for (const auto line : Lines(symbols)) {
    const auto words = Words(line);
    if (words.size() < 3) continue;
    const std::string_view symbol = words[2];
    calls.i386_ |= symbol == "ia32_sys_call" || symbol == "ia32_sys_call_table";
    calls.x32_ |= symbol == "x32_sys_call" || symbol == "x32_sys_call_table";
    for (const auto& prefix : kPrefixes) {
      if (!symbol.starts_with(prefix.symbol)) continue;
      const bool weak = words[1] == "W" || words[1] == "w";
      const auto name = symbol.substr(prefix.symbol.size());
      (weak ? calls.stubs_ : calls.real_).insert(std::string(prefix.kind) + std::string(name));
    }
  }
  calls.known_ = calls.real_.contains("x64:read");
  return calls;
}

std::optional<bool> KernelCalls::Serves(Abi abi) const {
  if (!known_) return std::nullopt;
  if (abi == Abi::kX86_64) return true;
  if (abi == Abi::kI386) return i386_;
  if (abi == Abi::kX32) return x32_;
  return std::nullopt;
}

std::optional<bool> KernelCalls::Has(Abi abi, std::string_view name) const {
  const auto served = Serves(abi);
  if (!served || !*served) return served;
  const std::string entry = (abi == Abi::kI386 ? "ia32:" : "x64:") + std::string(EntryOf(name));
  if (real_.contains(entry)) return true;
  if (stubs_.contains(entry)) return false;
  // Entries of i386 and x32 are often named otherwise; those of x86-64 are not.
  return abi == Abi::kX86_64 ? std::optional(false) : std::nullopt;
}

}  // namespace whittle::inspect
