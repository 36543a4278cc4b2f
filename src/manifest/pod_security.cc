#include "manifest/pod_security.h"

#include <array>
#include <map>

namespace whittle::manifest {
namespace {

constexpr Version kFields{1, 19, 0};  // the field seccompProfile
constexpr Version kWindowsExempted{1, 25, 0};

bool Before(const std::optional<Version>& version, Version limit) {
  return version && Version{version->major, version->minor, 0} < limit;
}

bool IsGood(const Place& profile) {
  const auto type = Text(profile.value, "type");
  return type == "RuntimeDefault" || type == "Localhost";
}

Refusal BadType(const Place& profile, const Container* container) {
  const auto* type = Member(profile.value, "type");
  Place place = type == nullptr ? profile : Place{type, profile.pointer + "/type"};
  return {std::move(place), container, "", std::string(Text(profile.value, "type")), false};
}

bool IsGoodAnnotation(const json::Value& value) {
  return value.text == "runtime/default" || value.text == "docker/default" ||
         value.text.starts_with("localhost/");
}

// The bad ones: the pod's, then those of its containers. Which are of no container nobody looks at.
std::vector<Refusal> JudgeAnnotations(const Pod& pod) {
  std::multimap<std::string_view, const Annotation*> bad;
  for (const auto& annotation : pod.annotations) {
    if (!IsGoodAnnotation(*annotation.place.value)) bad.emplace(annotation.name, &annotation);
  }
  std::vector<Refusal> refusals;
  const auto refuse = [&](std::string_view name, const Container* container) {
    const auto [first, last] = bad.equal_range(name);
    for (auto at = first; at != last; ++at) {
      const auto& [by, place] = *at->second;
      refusals.push_back({place, container, by, place.value->text, false});
    }
    bad.erase(first, last);  // told once, whoever else has that name
  };
  refuse(kPodAnnotation, nullptr);
  for (const auto& container : pod.containers)
    refuse(std::string(kContainerAnnotation) + std::string(container.name), &container);
  return refusals;
}

}  // namespace

std::string_view LevelName(Level level) {
  constexpr std::array<std::string_view, 3> kNames = {"privileged", "baseline", "restricted"};
  return kNames[static_cast<size_t>(level)];
}

std::vector<Refusal> JudgePodSecurity(const Pod& pod, Level level, const std::optional<Version>& kubernetes) {
  if (level == Level::kPrivileged) return {};
  if (Before(kubernetes, kFields)) return JudgeAnnotations(pod);
  const bool restricted = level == Level::kRestricted;
  if (restricted && pod.windows && !Before(kubernetes, kWindowsExempted)) return {};
  std::vector<Refusal> bad, missing;
  const bool pod_has_one = pod.profile.value != nullptr && IsGood(pod.profile);
  if (pod.profile.value != nullptr && !pod_has_one) bad.push_back(BadType(pod.profile, nullptr));
  for (const auto& container : pod.containers) {
    if (container.profile.value == nullptr) {
      if (!pod_has_one) missing.push_back({container.place, &container, "", "", true});
    } else if (!IsGood(container.profile)) {
      bad.push_back(BadType(container.profile, &container));
    }
  }
  if (!bad.empty() || !restricted) return bad;
  return missing;
}

}  // namespace whittle::manifest
