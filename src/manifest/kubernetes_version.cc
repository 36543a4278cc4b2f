#include "manifest/kubernetes_version.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace whittle::manifest {
namespace {

constexpr profile::Version kLast{1, 99, 0};  // further away than anybody plans

// The numbers of it, without what distributions put behind them.
bool IsVersion(std::string_view text) {
  const auto parts = Split(text.substr(0, text.find_first_of("+-")), '.');
  if (parts.size() < 2 || parts.size() > 3) return false;
  for (const auto part : parts) {
    if (part.empty() || !std::ranges::all_of(part, IsDigit)) return false;
  }
  return true;
}

}  // namespace

Result<KubernetesVersion> ParseKubernetesVersion(std::string_view text) {
  const auto number = text.starts_with('v') ? text.substr(1) : text;
  const auto version = profile::ParseVersion(number);
  if (!IsVersion(number) || !version || version->major != 1 || version->minor > kLast.minor) {
    return Fail(ErrorCode::kUsage,
                fmt::format("'{}' is no version of Kubernetes: expected one like 1.24, or latest (known are "
                            "1.0 to {}.{})",
                            Printable(text), kNewestKnown.major, kNewestKnown.minor));
  }
  if (version->minor > kNewestKnown.minor) return KubernetesVersion{kNewestKnown, true};
  return KubernetesVersion{*version, false};
}

}  // namespace whittle::manifest
