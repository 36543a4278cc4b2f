#include "lint/conditions.h"

#include <algorithm>

#include "profile/library_names.h"
#include "syscalls/arguments.h"
#include "syscalls/constants.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

bool IsOnWideAbi(const Subject& subject, const std::string& call) {
  return std::ranges::any_of(subject.abis(), [&](Abi abi) {
    return IsWide(abi) && (profile::LibraryNumber(abi, call) || SyscallNumber(abi, call));
  });
}

// The machine that the rule is for; nothing where it says for which ones it is, or is not.
std::optional<Abi> MachineOf(const Subject& subject, size_t rule) {
  const profile::Rule& of = subject.document()->rules[rule];
  if (!of.includes.arches.empty() || !of.excludes.arches.empty()) return std::nullopt;
  return subject.places().front().target.arch;
}

// The argument takes one of a list of values that have names: what is compared is no amount, and no negative
// one is meant.
bool IsEnumeration(std::string_view call, uint32_t argument) {
  const auto values = ValuesOfArgument(Abi::kX86_64, call, argument);
  return values && !values->flags;
}

bool HoldsFlags(std::string_view call, uint32_t argument) {
  if ((call == "socket" || call == "socketpair") && argument == 1) return true;
  const auto values = ValuesOfArgument(Abi::kX86_64, call, argument);
  return values && values->flags;
}

ArgumentKind KindOn(const std::optional<Abi>& machine, std::string_view call, uint32_t argument) {
  return machine ? KindOfArgument(*machine, call, argument) : KindOfArgument(call, argument);
}

// The kernel drops their high half, though it declares them as a word (unlike unshare, which refuses what it
// does not know).
bool IsClonesFlags(const std::optional<Abi>& machine, std::string_view call, uint32_t argument) {
  return call == "clone" && argument < 2 && machine &&
         KindOn(machine, call, 1 - argument) == ArgumentKind::kPointer;
}

}  // namespace

bool IsWide(Abi abi) { return !Is32Bit(abi) && abi != Abi::kX32 && abi != Abi::kMips64N32; }

Kinds::Kinds(const Subject& subject, size_t rule)
    : subject_(subject), calls_(subject.CallsOf(rule)), machine_(MachineOf(subject, rule)) {}

bool Kinds::Takes(const std::string& call, uint32_t argument, Taken as) const {
  const auto kind = KindOn(machine_, call, argument);
  const bool is_int = kind == ArgumentKind::kInt || kind == ArgumentKind::kUnsignedInt;
  switch (as) {
    case Taken::kPointer:
      return kind == ArgumentKind::kPointer;
    case Taken::kStack:
      return kind == ArgumentKind::kPointer && call == "clone" && argument < 2;
    case Taken::kInt:
      return is_int;
    case Taken::kOther:
      return !is_int;
    case Taken::kWideInt:
      return (is_int || IsClonesFlags(machine_, call, argument)) && IsOnWideAbi(subject_, call);
    case Taken::kWideSignedInt:
      return kind == ArgumentKind::kInt && IsOnWideAbi(subject_, call);
    case Taken::kWideUnsignedInt:
      return kind == ArgumentKind::kUnsignedInt && IsOnWideAbi(subject_, call);
    case Taken::kAmount:
      return (kind == ArgumentKind::kInt || kind == ArgumentKind::kSignedWord) &&
             !IsEnumeration(call, argument);
    case Taken::kFlags:
      return HoldsFlags(call, argument);
  }
  return false;
}

const Calls& Kinds::Taking(uint32_t argument, Taken as) const {
  const auto [known, is_new] = taking_.try_emplace({argument, as});
  if (is_new) {
    for (const auto& call : calls_) {
      if (Takes(call, argument, as)) known->second.push_back(call);
    }
  }
  return known->second;
}

}  // namespace whittle::lint
