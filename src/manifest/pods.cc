#include "manifest/pods.h"

#include <fmt/core.h>

namespace whittle::manifest {
namespace {

using json::Value;

constexpr size_t kMaxDepth = 16;

// In the order in which the API server visits them.
struct List {
  Kind kind;
  std::string_view member, name;
};
constexpr List kLists[] = {{Kind::kInit, "initContainers", "init container"},
                           {Kind::kMain, "containers", "container"},
                           {Kind::kEphemeral, "ephemeralContainers", "ephemeral container"}};

Place Below(const Place& place, std::string_view name) {
  return {Member(place.value, name), place.pointer + json::PointerStep(name)};
}

// Those of one object's metadata.
void AddAnnotations(const Place& object, std::vector<Annotation>& found) {
  const Place annotations = Below(Below(object, "metadata"), "annotations");
  if (annotations.value == nullptr) return;
  for (const auto& member : annotations.value->members) {
    if (IsSeccompAnnotation(member.name))
      found.push_back({member.name, {&member.value, annotations.pointer + json::PointerStep(member.name)}});
  }
}

Container ReadContainer(Kind kind, const Place& place) {
  Container container{kind, place, Text(place.value, "name"), Below(place, "securityContext"), {}, false};
  container.profile = Below(container.context, "seccompProfile");
  const auto* privileged = Member(container.context.value, "privileged");
  container.privileged = privileged != nullptr && privileged->is(json::Kind::kBoolean) && privileged->boolean;
  return container;
}

Pod ReadPod(const Place& place, const std::vector<Place>& around) {
  Pod pod;
  pod.place = place;
  pod.owner = place.value;
  for (const auto& object : around) {
    AddAnnotations(object, pod.misplaced);
    if (!Text(object.value, "kind").empty()) pod.owner = object.value;
  }
  if (!Text(place.value, "kind").empty()) pod.owner = place.value;
  pod.spec = Below(place, "spec");
  pod.context = Below(pod.spec, "securityContext");
  pod.profile = Below(pod.context, "seccompProfile");
  for (const auto& list : kLists) {
    const Place containers = Below(pod.spec, list.member);
    if (containers.value == nullptr) continue;
    for (size_t i = 0; i < containers.value->items.size(); ++i)
      pod.containers.push_back(
          ReadContainer(list.kind, {&containers.value->items[i], containers.pointer + json::PointerStep(i)}));
  }
  AddAnnotations(place, pod.annotations);
  pod.windows = Text(Member(pod.spec.value, "os"), "name") == "windows";
  return pod;
}

// What is found on the way down: `visit` is told of each pod and of the objects around it.
template <typename Node, typename Visit>
void Walk(Node& value, const std::string& pointer, std::vector<Place>& around, const Visit& visit) {
  if (around.size() > kMaxDepth) return;
  if (IsPod(value)) {
    visit(value, pointer, around);
    return;
  }
  around.push_back({&value, pointer});
  for (size_t i = 0; i < value.items.size(); ++i)
    Walk(value.items[i], pointer + json::PointerStep(i), around, visit);
  for (auto& member : value.members)
    Walk(member.value, pointer + json::PointerStep(member.name), around, visit);
  around.pop_back();
}

}  // namespace

bool IsSeccompAnnotation(std::string_view name) {
  return name == kPodAnnotation || name.starts_with(kContainerAnnotation);
}

const Value* Member(const Value* object, std::string_view name) {
  const auto* member = object == nullptr ? nullptr : object->Find(name);
  return member == nullptr || member->is(json::Kind::kNull) ? nullptr : member;
}

std::string_view Text(const Value* object, std::string_view name) {
  const auto* member = Member(object, name);
  return member != nullptr && member->is(json::Kind::kString) ? std::string_view(member->text) : "";
}

bool IsPod(const Value& value) {
  const auto* containers = Member(Member(&value, "spec"), "containers");
  return containers != nullptr && containers->is(json::Kind::kArray) && !containers->items.empty();
}

std::string_view KindName(Kind kind) { return kLists[static_cast<size_t>(kind)].name; }

std::string Pod::Name() const {
  const auto kind = Text(owner, "kind");
  const auto name = Text(Member(owner, "metadata"), "name");
  const std::string shown = json::Quotable(kind.empty() ? "Pod" : kind);
  return name.empty() ? shown : fmt::format("{} {}", shown, json::Quotable(name));
}

const Place& ProfileOf(const Pod& pod, const Container& container) {
  return container.profile.value == nullptr ? pod.profile : container.profile;
}

std::vector<Pod> FindPods(const Value& document) {
  std::vector<Pod> pods;
  std::vector<Place> around;
  Walk(document, "", around,
       [&](const Value& value, const std::string& pointer, const std::vector<Place>& above) {
         pods.push_back(ReadPod({&value, pointer}, above));
       });
  return pods;
}

std::vector<Value*> PodValues(Value& document) {
  std::vector<Value*> pods;
  std::vector<Place> around;
  Walk(document, "", around,
       [&](Value& value, const std::string&, const std::vector<Place>&) { pods.push_back(&value); });
  return pods;
}

}  // namespace whittle::manifest
