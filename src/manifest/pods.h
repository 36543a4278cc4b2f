// Pods in Kubernetes' objects, and what they say of seccomp. A pod is whatever has a list spec.containers: a
// Pod, the template in a Deployment, a CronJob or an object of somebody's own, one of a List's items. Pure;
// thread safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace whittle::manifest {

// The annotations of old, on a pod's own metadata. Kubernetes 1.27 and later do not act on them.
inline constexpr std::string_view kPodAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
inline constexpr std::string_view kContainerAnnotation =
    "container.seccomp.security.alpha.kubernetes.io/";  // and its name
bool IsSeccompAnnotation(std::string_view name);

// A member of one object; null if it is not there, or null.
const json::Value* Member(const json::Value* object, std::string_view name);
// The same, if it is text, or else "".
std::string_view Text(const json::Value* object, std::string_view name);

// A value and the way to it.
struct Place {
  const json::Value* value = nullptr;
  std::string pointer;  // RFC 6901, of `value`; "" for the document itself
};

enum class Kind { kInit, kMain, kEphemeral };
std::string_view KindName(Kind kind);  // "init container", "container", "ephemeral container"
std::string_view ListName(Kind kind);  // the member of a pod's spec that lists them: "initContainers"

struct Container {
  Kind kind = Kind::kMain;
  Place place;
  std::string_view name;
  Place context;  // securityContext; without a value if there is none
  Place profile;  // its seccompProfile, the same
  bool privileged = false;
};

struct Annotation {
  std::string_view name;
  Place place;  // of its value
};

// What a pod is of: an object with a kind around it, or the pod itself.
struct Owner {
  const json::Value* value = nullptr;
  std::string_view kind, name, space;  // "" where it has none; space: its namespace
};

struct Pod {
  Place place;                          // of the pod or template, which has metadata and spec
  Owner owner;                          // what it is a template of, or the pod itself
  Place spec, context, profile;         // the last two may be without a value
  std::vector<Container> containers;    // init, main, ephemeral: as the API server walks them
  std::vector<Annotation> annotations;  // those about seccomp
  std::vector<Annotation> misplaced;    // the same, of objects around it, in the first pod: nobody reads them
  bool windows = false;                 // spec.os.name

  std::string Name() const;  // "Deployment web", "Pod web", "Pod" if it has no name
};

// What a container gets: its own profile, or else the pod's; without a value if none is given.
const Place& ProfileOf(const Pod& pod, const Container& container);

// It has a list spec.containers with something in it.
bool IsPod(const json::Value& value);
// All pods of a document, in its order. They point into it.
std::vector<Pod> FindPods(const json::Value& document);
bool HasPods(const json::Value& document);
// Only where they are, to change them.
std::vector<json::Value*> PodValues(json::Value& document);
// Members that are named like annotations about seccomp and stand in no pod, whatever they stand in: nobody
// reads them. In the order of the document, into which they point.
std::vector<const json::Member*> StrayAnnotations(const json::Value& document);

}  // namespace whittle::manifest
