// The levels of Kubernetes' pod security admission, as far as seccomp goes: who is refused, and by whom of
// the pod. Rules and order are those of k8s.io/pod-security-admission, which changed with the versions of
// Kubernetes: before 1.19 the baseline looks at annotations and restricted asks nothing more; since 1.25
// restricted takes Windows pods. Pure; thread safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "manifest/pods.h"
#include "profile/target.h"

namespace whittle::manifest {

using profile::Version;

enum class Level { kPrivileged, kBaseline, kRestricted };
std::string_view LevelName(Level level);  // "privileged", "baseline", "restricted"

// Who makes the API server refuse: `container` is null where it is the pod's own field or annotation.
struct Refusal {
  Place place;  // of the bad type or annotation, or of the container that has none
  const Container* container = nullptr;
  std::string_view annotation;  // its name
  std::string value;            // what it has, if it has something bad
  bool missing = false;         // it has no profile, nor has the pod
};

// Nothing: the pod is admitted. Without a version: the newest. As upstream, who has no profile is named only
// where nobody has a bad one. The refusals point into the pod.
std::vector<Refusal> JudgePodSecurity(const Pod& pod, Level level, const std::optional<Version>& kubernetes);

}  // namespace whittle::manifest
