#include "manifest/pod_security.h"

#include <array>

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

// The annotation of that name, if it is bad.
void JudgeAnnotation(const Pod& pod, const std::string& name, const Container* container,
                     std::vector<Refusal>& refusals) {
  const auto* annotations = Member(Member(pod.place.value, "metadata"), "annotations");
  if (annotations == nullptr) return;
  for (const auto& member : annotations->members) {
    if (member.name != name || IsGoodAnnotation(member.value)) continue;
    refusals.push_back(
        {{&member.value, pod.place.pointer + "/metadata/annotations" + json::PointerStep(name)},
         container,
         member.name,
         member.value.text,
         false});
  }
}

std::vector<Refusal> JudgeAnnotations(const Pod& pod) {
  std::vector<Refusal> refusals;
  JudgeAnnotation(pod, std::string(kPodAnnotation), nullptr, refusals);
  for (const auto& container : pod.containers)
    JudgeAnnotation(pod, std::string(kContainerAnnotation) + std::string(container.name), &container,
                    refusals);
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
