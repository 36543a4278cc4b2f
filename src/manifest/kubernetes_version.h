// Which versions of Kubernetes are known here, and how one is named. Pure; thread safe.
#pragma once

#include <string_view>

#include "base/result.h"
#include "profile/target.h"

namespace whittle::manifest {

// Those whose admission scripts/check-pod-security held ours against: 1.0 to this one.
inline constexpr profile::Version kNewestKnown{1, 37, 0};

struct KubernetesVersion {
  profile::Version version;  // of a newer one than is known: the newest known
  bool newer = false;
};

// "1.24", "v1.24.3", "v1.24.3+k3s1", "v1.27.3-gke.100". Up to 1.99 one may come to be; further away it is a
// typing error. Errors: kUsage.
Result<KubernetesVersion> ParseKubernetesVersion(std::string_view text);

}  // namespace whittle::manifest
