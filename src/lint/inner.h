// Profiles inside of manifests: the spec of the operator's SeccompProfile, and the data of a ConfigMap. Pure;
// thread safe.
#pragma once

#include "lint/subject.h"

namespace whittle::lint {

// What the rules of profiles find in them, at their places in the manifest. Where nobody chose the targets
// they are asked of Localhost profiles only: that is what they become on a node.
Linting LintInner(const Subject& subject, const Options& options);

}  // namespace whittle::lint
