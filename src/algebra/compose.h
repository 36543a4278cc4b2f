// Profiles as sets of calls: the union, the intersection and the difference of documents, as a flat document
// for the same target. Pure; thread safe.
//
// What is meant is pointwise, on the verdicts that the target gives (not on text): of two answers to a call
// the more permissive one (merge) or the stricter one (intersect), as the kernel orders actions; or the first
// document's, and EPERM where both let the call pass (subtract). Of two answers of one action, one that a
// rule gives stays rather than a default; of two rules' answers ENOSYS, since programs fall back on it, then
// the smaller number.
//
// The language cannot say everything: a name is for all ABIs of a document, runtimes make alternatives of two
// conditions on one argument, libseccomp adds companions. Where the exact answer cannot be written, merge is
// wider, never tighter than a part; intersect and subtract are tighter, never wider. All of it is proven by
// src/prove before anything is returned, and every deviation is listed with a call that shows it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "profile/document.h"
#include "profile/target.h"
#include "prove/prove.h"

namespace whittle::algebra {

enum class Operation : uint8_t { kMerge, kIntersect, kSubtract };

// Calls that the document answers otherwise than pointwise. `first` is the pointwise answer, `second` what
// the document gives. kLooser: wider; kTighter: tighter; those that differ in the errno only are not listed.
struct Deviation {
  Abi native = Abi::kX86_64;  // the host's architecture that it was seen for
  prove::Difference difference;
};

struct Composed {
  profile::Document document;
  std::vector<profile::Target> targets;  // that it was proven for: one for each architecture of the parts
  std::vector<Deviation> deviations;
  std::vector<std::string> notes;  // one line each: what of the parts is not in the document
};

// Parts that name several machine architectures (SCMP_ARCH_X86_64 and SCMP_ARCH_AARCH64) are composed for a
// host of each, and the document says by `archMap` which ABIs each host filters (by `architectures` for
// loader oci, which knows no archMap). On a host, parts that do not name it have no say.
//
// Errors: kBadInput for less than two parts, and for a part that the target refuses or would install no
// filter for; kNotPossible where no document has the wanted meaning on the safe side, or it cannot be proven.
Result<Composed> Compose(Operation operation, std::span<const profile::Document> parts,
                         const profile::Target& target);

}  // namespace whittle::algebra
