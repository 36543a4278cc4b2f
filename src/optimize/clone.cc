#include "optimize/clone.h"

namespace whittle::optimize {

using evidence::CloneFlags;

Holds HoldsFor(const profile::Condition& condition, Abi abi, CloneFlags flags) {
  const auto ordinary = OrdinaryClone(abi);
  if (condition.index != ordinary.index || condition.op != profile::Operator::kMaskedEqual)
    return Holds::kPerhaps;
  const bool inside = (condition.value & ~kNamespaceFlags) == 0;
  const bool wants_none = condition.value_two == 0;
  if (flags == CloneFlags::kOrdinary && inside) return wants_none ? Holds::kAlways : Holds::kNever;
  const bool all = (condition.value & kNamespaceFlags) == kNamespaceFlags;
  if (flags == CloneFlags::kNamespaces && all && wants_none) return Holds::kNever;
  return Holds::kPerhaps;
}

void Adapt(uint64_t& flags_argument, CloneFlags flags) {
  constexpr uint64_t kNewUser = 0x10000000;
  if (flags == CloneFlags::kOrdinary) flags_argument &= ~kNamespaceFlags;
  if (flags == CloneFlags::kNamespaces && (flags_argument & kNamespaceFlags) == 0) flags_argument |= kNewUser;
}

}  // namespace whittle::optimize
