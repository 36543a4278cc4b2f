#include "manifest/localhost.h"

#include <fmt/core.h>

#include "base/text.h"

namespace whittle::manifest {

Result<void> CheckLocalhostProfile(std::string_view path) {
  const auto wrong = [&](std::string_view why) {
    return Fail(ErrorCode::kUsage, fmt::format("'{}' is no localhostProfile: {}", json::Quotable(path), why));
  };
  if (path.empty())
    return wrong("expected a path below the kubelet's folder 'seccomp', like profiles/web.json");
  if (path.starts_with('/'))
    return wrong("expected a path below the kubelet's folder 'seccomp', without / in front");
  for (const auto step : Split(path, '/')) {
    if (step == "..") return wrong("no step of it may be '..'");
  }
  return {};
}

std::string CleanPath(std::string_view path) {
  std::string clean;
  for (const auto step : Split(path, '/')) {
    if (step.empty() || step == ".") continue;
    if (!clean.empty()) clean += '/';
    clean += step;
  }
  return clean;
}

Result<Field> FieldOfAnnotation(const json::Value& value) {
  constexpr std::string_view kLocalhost = "localhost/";
  if (value.is(json::Kind::kString)) {
    const std::string_view text = value.text;
    if (text == "runtime/default" || text == "docker/default") return Field{"RuntimeDefault", ""};
    if (text == "unconfined") return Field{"Unconfined", ""};
    if (text.starts_with(kLocalhost)) {
      const auto path = text.substr(kLocalhost.size());
      TRY(CheckLocalhostProfile(path));
      return Field{"Localhost", std::string(path)};
    }
  }
  return Fail(ErrorCode::kUsage, "expected runtime/default, unconfined or localhost/PATH");
}

}  // namespace whittle::manifest
