// Where a composed document has to hold: on hosts of one or several architectures, and on each for several
// ABIs. Pure; thread safe.
#pragma once

#include <span>
#include <vector>

#include "profile/document.h"
#include "profile/target.h"

namespace whittle::algebra {

// The native architectures that a document is written for: x86_64 where it lists SCMP_ARCH_X86. None if it
// lists nothing: it is for every host.
std::vector<Abi> NativesOf(const profile::Document& document);

// The target for a host of each architecture that some part names; `target` itself if none does.
std::vector<profile::Target> TargetsOf(std::span<const profile::Document> parts,
                                       const profile::Target& target);

// True if the document is written for a host of this architecture.
bool IsFor(const profile::Document& document, Abi native);

}  // namespace whittle::algebra
