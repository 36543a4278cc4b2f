#include "import/strace_refusals.h"

#include <fmt/core.h>

#include "import/audit_record.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

// What "AUDIT_ARCH_..." names; x86_64 and x32 share one, so the mode that is known stays if it fits.
Abi AbiOfArch(std::string_view arch, Abi known) {
  const auto named = arch == "I386" ? Abi::kI386 : ParseAbi(fmt::format("SCMP_ARCH_{}", arch));
  return named && AuditArch(*named) != AuditArch(known) ? *named : known;
}

}  // namespace

void SetCall(TracedCall& call, const Resolved& resolved) {
  const auto* arguments = call.arguments;
  const bool are_its = arguments != nullptr && call.name == resolved.name &&
                       arguments->indices() == resolved.kept &&
                       *arguments == arguments->AsTakenBy(resolved.abi, resolved.number);
  if (!are_its) call.arguments = nullptr;
  call.key.abi = resolved.abi;
  call.key.number = resolved.number;
  call.perhaps = resolved.perhaps;
  call.foreign = false;
  const auto name = SyscallName(resolved.abi, resolved.number);
  const bool has_flags = name == "clone" || name == "clone3";
  if (!has_flags) call.key.clone_flags = evidence::CloneFlags::kUnknown;
}

bool StraceRefusals::ReturnedItself(TracedCall& call) const {
  if (!call.value) return false;
  if (static_cast<uint32_t>(*call.value) == call.key.number) {
    call.perhaps.reset();
    return true;
  }
  if (*call.value < 0 || *call.value > UINT32_MAX) return false;
  const auto whole = static_cast<uint32_t>(*call.value);
  const bool is_x32 = AbiOfNumber(native_, whole) == Abi::kX32;
  const int64_t value = is_x32 ? whole & ~kX32Bit : whole;
  const Abi abi = is_x32 ? Abi::kX32 : call.key.abi;
  const Resolved resolved = Resolve(call.name, static_cast<uint32_t>(value), abi, native_);
  const bool is_its_number = resolved.known && (resolved.number & ~kX32Bit) == value;
  if (is_its_number) SetCall(call, resolved);
  return is_its_number;
}

Resolved StraceRefusals::Named(const Sigsys& signal, const TracedCall& call) const {
  const Abi known = AbiOfArch(signal.arch_name, call.key.abi);
  const auto abi = signal.number ? AbiOfAuditArch(signal.arch.value_or(AuditArch(known)), *signal.number)
                                 : std::optional(known);
  if (!abi || (signal.name.empty() && !signal.number)) return {};
  Resolved named = calls_.Of(signal.name.empty() ? call.name : signal.name, *abi);
  const bool is_another = signal.number && (named.number != *signal.number || named.abi != *abi);
  if (!is_another) return named;
  named = {};
  named.known = true;
  named.abi = *abi;
  named.number = *signal.number;
  named.name = SyscallName(*abi, *signal.number).value_or("");
  return named;
}

bool StraceRefusals::MayBe(const TracedCall& call, const Resolved& named) {
  const bool is_its_number = named.number == call.key.number || named.number == call.perhaps;
  return (named.abi == call.key.abi && is_its_number) || named.name == call.name;
}

}  // namespace whittle::import
