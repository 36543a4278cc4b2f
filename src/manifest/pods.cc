#include "manifest/pods.h"

#include <fmt/core.h>

#include <utility>

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

Owner ReadOwner(const Value* object) {
  const auto* metadata = Member(object, "metadata");
  return {object, Text(object, "kind"), Text(metadata, "name"), Text(metadata, "namespace")};
}

// An object on the way to a pod. There may be many pods below one, and much in it: it is looked at once.
struct Above {
  Place place;
  Owner owner;        // of no kind, if the object has none
  bool told = false;  // its annotations stand in the first pod below it
};

Pod ReadPod(const Place& place, std::vector<Above>& around) {
  Pod pod;
  pod.place = place;
  pod.owner = ReadOwner(place.value);
  const bool of_its_own = !pod.owner.kind.empty();
  for (auto& above : around) {
    if (!of_its_own && !above.owner.kind.empty()) pod.owner = above.owner;
    if (!std::exchange(above.told, true)) AddAnnotations(above.place, pod.misplaced);
  }
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

// What is found on the way down: `visit` is told of each pod and of the objects around it, until it says
// true.
template <typename Node, typename Visit>
bool Walk(Node& value, const std::string& pointer, std::vector<Above>& around, const Visit& visit) {
  if (around.size() > kMaxDepth) return false;
  if (IsPod(value)) return visit(value, pointer, around);
  around.push_back({{&value, pointer}, ReadOwner(&value)});
  bool done = false;
  for (size_t i = 0; i < value.items.size() && !done; ++i)
    done = Walk(value.items[i], pointer + json::PointerStep(i), around, visit);
  for (auto& member : value.members) {
    if (done) break;
    done = Walk(member.value, pointer + json::PointerStep(member.name), around, visit);
  }
  around.pop_back();
  return done;
}

void AddStray(const Value& value, size_t depth, std::vector<const json::Member*>& found) {
  if (depth > kMaxDepth || IsPod(value)) return;
  for (const auto& member : value.members) {
    if (IsSeccompAnnotation(member.name)) found.push_back(&member);
    AddStray(member.value, depth + 1, found);
  }
  for (const auto& item : value.items) AddStray(item, depth + 1, found);
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
std::string_view ListName(Kind kind) { return kLists[static_cast<size_t>(kind)].member; }

std::string Pod::Name() const {
  const std::string shown = json::Quotable(owner.kind.empty() ? "Pod" : owner.kind);
  return owner.name.empty() ? shown : fmt::format("{} {}", shown, json::Quotable(owner.name));
}

const Place& ProfileOf(const Pod& pod, const Container& container) {
  return container.profile.value == nullptr ? pod.profile : container.profile;
}

std::vector<Pod> FindPods(const Value& document) {
  std::vector<Pod> pods;
  std::vector<Above> around;
  Walk(document, "", around, [&](const Value& value, const std::string& pointer, std::vector<Above>& above) {
    pods.push_back(ReadPod({&value, pointer}, above));
    return false;
  });
  return pods;
}

std::vector<Value*> PodValues(Value& document) {
  std::vector<Value*> pods;
  std::vector<Above> around;
  Walk(document, "", around, [&](Value& value, const std::string&, const std::vector<Above>&) {
    pods.push_back(&value);
    return false;
  });
  return pods;
}

std::vector<const json::Member*> StrayAnnotations(const Value& document) {
  std::vector<const json::Member*> found;
  AddStray(document, 0, found);
  return found;
}

bool HasPods(const Value& document) {
  std::vector<Above> around;
  return Walk(document, "", around,
              [](const Value&, const std::string&, const std::vector<Above>&) { return true; });
}

}  // namespace whittle::manifest
