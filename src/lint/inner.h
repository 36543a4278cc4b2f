// Profiles inside of manifests: the spec of the operator's SeccompProfile, and the data of a ConfigMap. Pure;
// thread safe.
#pragma once

#include "lint/subject.h"

namespace whittle::lint {

// What the rules of profiles find in them, at their places in the manifest. Where nobody chose the targets
// they are asked of Localhost profiles only: that is what they become on a node.
Linting LintInner(const Subject& subject, const Options& options);

// LintAndPlaces for one of several texts, which share what looks (covers.h) there are.
Linting LintWithin(size_t& looks_left, std::string_view text, const Options& options);

}  // namespace whittle::lint
