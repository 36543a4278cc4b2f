// The flags of clone and clone3, as far as filters are concerned. With CLONE_NEWUSER a program without any
// privilege becomes root in a user namespace of its own, from where most of the kernel's attack surface is in
// reach. clone has its flags in a register, where a filter can test them; clone3 has them in memory, where
// none can: the only way to close that is to answer ENOSYS, upon which libcs take clone. Pure; thread safe.
#pragma once

#include <cstdint>

#include "evidence/evidence.h"
#include "profile/document.h"
#include "syscalls/abi.h"

namespace whittle::optimize {

using evidence::kNamespaceFlags;

// "clone makes no namespaces": the condition for an architecture.
inline profile::Condition OrdinaryClone(Abi native) {
  return {evidence::CloneFlagsArgument(native), profile::Operator::kMaskedEqual, kNamespaceFlags, 0};
}

// What a condition says of a clone of which no more than this is known.
enum class Holds { kAlways, kNever, kPerhaps };
Holds HoldsFor(const profile::Condition& condition, Abi abi, evidence::CloneFlags flags);

// Arguments made into such as a clone with these flags may have.
void Adapt(uint64_t& flags_argument, evidence::CloneFlags flags);

}  // namespace whittle::optimize
