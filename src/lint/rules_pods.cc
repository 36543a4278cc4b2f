// What pods say of seccomp: fields that are none, values that the API server refuses, and what leaves a
// container without a filter. The server's own checks are those of Kubernetes' validation; what a kubelet and
// a runtime make of it stands in the pages.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "base/nearest.h"
#include "base/text.h"
#include "lint/pods.h"
#include "lint/rules.h"
#include "manifest/localhost.h"

namespace whittle::lint {

using manifest::Annotation;
using manifest::Container;
using manifest::Pod;

std::vector<GivenProfile> GivenProfiles(const Subject& subject) {
  std::vector<GivenProfile> given;
  for (const auto& pod : subject.pods()) {
    if (pod.profile.value != nullptr) given.push_back({&pod, nullptr, pod.profile});
    for (const auto& container : pod.containers) {
      if (container.profile.value != nullptr) given.push_back({&pod, &container, container.profile});
    }
  }
  return given;
}

std::string_view TypeOf(const manifest::Place& profile) { return manifest::Text(profile.value, "type"); }
std::string_view PathOf(const manifest::Place& profile) {
  return manifest::Text(profile.value, "localhostProfile");
}

std::string WhoText(const Pod& pod, const Container* container) {
  if (container == nullptr) return pod.Name();
  return fmt::format("{}, {} {}", pod.Name(), manifest::KindName(container->kind),
                     container->name.empty() ? "without a name" : json::Quotable(container->name));
}

Where WhereOf(const manifest::Place& place) {
  return {place.pointer.empty() ? "/" : place.pointer, place.value->at};
}
Where WhereOf(const manifest::Place& place, const json::Member& member) {
  return {place.pointer + json::PointerStep(member.name), member.value.at};
}
Where WhereOf(const manifest::Place& place, std::string_view member) {
  const auto* value = place.value->Find(member);
  return {place.pointer + json::PointerStep(member), value == nullptr ? place.value->at : value->at};
}

bool Before(const Subject& subject, uint32_t major, uint32_t minor) {
  const auto& version = subject.cluster().kubernetes;
  return version && profile::Version{version->major, version->minor, 0} < profile::Version{major, minor, 0};
}

namespace {

using json::Kind;
using json::Value;
using manifest::Member;
using manifest::Text;

constexpr std::string_view kProfile = "seccompProfile";
constexpr std::string_view kContext = "securityContext";

// The letters of a name, in lower case.
std::string Folded(std::string_view name) {
  std::string folded;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      folded += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return folded;
}

bool IsLike(std::string_view name, std::string_view wanted) {
  const std::string folded = Folded(wanted);
  const std::string_view candidates[] = {folded};
  return Nearest(Folded(name), candidates).has_value();
}

bool IsLikeProfile(std::string_view name) {
  return Folded(name).find("seccomp") != std::string::npos || IsLike(name, kProfile);
}

void SayNoField(const Pod& pod, const Container* container, Where where, std::string_view name,
                const std::string& why, std::string fix, Sink& sink) {
  sink.Add(Severity::kError, std::move(where),
           fmt::format("{}: '{}' is no field {}: kubectl refuses it, or the API server drops it in silence",
                       WhoText(pod, container), json::Quotable(name), why),
           std::move(fix));
}

// Members of a securityContext, of which one may be meant to be the profile.
void CheckContext(const Pod& pod, const Container* container, const manifest::Place& context, Sink& sink) {
  if (context.value == nullptr) return;
  for (const auto& member : context.value->members) {
    if (member.name == kProfile || !IsLikeProfile(member.name)) continue;
    SayNoField(pod, container, WhereOf(context, member), member.name, "of a securityContext",
               "write seccompProfile", sink);
  }
}

// Members of a container, or of a pod's spec.
void CheckHolder(const Pod& pod, const Container* container, const manifest::Place& holder, Sink& sink) {
  for (const auto& member : holder.value->members) {
    if (IsLikeProfile(member.name)) {
      SayNoField(pod, container, WhereOf(holder, member), member.name,
                 container == nullptr ? "of a pod" : "of a container", "it belongs into securityContext",
                 sink);
    } else if (member.name != kContext && IsLike(member.name, kContext)) {
      SayNoField(pod, container, WhereOf(holder, member), member.name,
                 container == nullptr ? "of a pod" : "of a container", "write securityContext", sink);
    }
  }
}

void CheckProfileMembers(const GivenProfile& given, Sink& sink) {
  constexpr std::string_view kMembers[] = {"type", "localhostProfile"};
  for (const auto& member : given.place.value->members) {
    if (std::ranges::find(kMembers, member.name) != std::end(kMembers)) continue;
    const auto meant = std::ranges::find_if(kMembers, [&](auto known) { return IsLike(member.name, known); });
    SayNoField(
        *given.pod, given.container, WhereOf(given.place, member), member.name, "of a seccompProfile",
        meant == std::end(kMembers) ? "it has type and localhostProfile" : fmt::format("write {}", *meant),
        sink);
  }
}

// The way from an object to its pod or template, for those whose every field is known; nothing for others.
std::optional<std::string_view> WayToPod(std::string_view kind) {
  constexpr std::string_view kOfTemplates[] = {"Deployment", "DaemonSet", "StatefulSet",
                                               "ReplicaSet", "Job",       "ReplicationController"};
  if (kind == "Pod") return "";
  if (kind == "PodTemplate") return "/template";
  if (kind == "CronJob") return "/spec/jobTemplate/spec/template";
  if (std::ranges::find(kOfTemplates, kind) != std::end(kOfTemplates)) return "/spec/template";
  return std::nullopt;
}

// What stands around the spec of the pods instead of in it: beside a template, or in it beside its spec.
void CheckAroundSpec(const Pod& pod, Sink& sink) {
  const auto way = WayToPod(pod.owner.kind);
  if (!way || !pod.place.pointer.ends_with(*way)) return;
  manifest::Place around{pod.owner.value,
                         pod.place.pointer.substr(0, pod.place.pointer.size() - way->size())};
  const auto check = [&](std::string_view what) {
    for (const auto& member : around.value->members) {
      if (!IsLikeProfile(member.name) && !IsLike(member.name, kContext)) continue;
      SayNoField(pod, nullptr, WhereOf(around, member), member.name,
                 fmt::format("of {} {}", what, pod.owner.kind),
                 "it belongs into the spec of the pod, or to a container", sink);
    }
  };
  check("a");
  for (const auto step : Split(*way, '/')) {
    if (step.empty()) continue;
    around = {Member(around.value, step), around.pointer + json::PointerStep(step)};
    if (around.value == nullptr) return;  // the owner is not what the pod is the template of
    check(fmt::format("the {} of a", step));
  }
}

// The type that is meant.
std::string_view NearestType(std::string_view type) {
  struct Word {
    std::string_view folded, type;
  };
  constexpr Word kWords[] = {
      {"runtimedefault", "RuntimeDefault"}, {"dockerdefault", "RuntimeDefault"},
      {"default", "RuntimeDefault"},        {"localhost", "Localhost"},
      {"unconfined", "Unconfined"},
  };
  std::vector<std::string_view> words;
  for (const auto& word : kWords) words.push_back(word.folded);
  const std::string folded = Folded(type);
  if (folded.starts_with("localhost")) return "Localhost";
  const auto nearest = Nearest(folded, words);
  if (!nearest) return "";
  return std::ranges::find(kWords, std::string_view(*nearest), &Word::folded)->type;
}

bool IsType(std::string_view type) {
  return type == "RuntimeDefault" || type == "Localhost" || type == "Unconfined";
}

// What is wrong with a localhostProfile as text; "" if nothing is.
std::string WrongPath(std::string_view path) {
  const auto fine = manifest::CheckLocalhostProfile(path);
  if (!fine) return fine.error().message;
  if (Trim(path) != path)
    return fmt::format("'{}' is no localhostProfile that is meant: the blanks around it are part of the name",
                       json::Quotable(path));
  if (manifest::CleanPath(path).empty())
    return fmt::format("'{}' is no localhostProfile: it is the folder itself", json::Quotable(path));
  return "";
}

bool SelectsWindows(const Pod& pod) {
  return pod.windows || Text(Member(pod.spec.value, "nodeSelector"), "kubernetes.io/os") == "windows";
}

// The container that an annotation is for; nothing for the pod's.
std::optional<std::string_view> ContainerOf(const Annotation& annotation) {
  if (annotation.name == manifest::kPodAnnotation) return std::nullopt;
  return annotation.name.substr(manifest::kContainerAnnotation.size());
}

// Who has an annotation, where Kubernetes still acts on them: a pod's is for all of its containers.
class Annotated {
 public:
  Annotated(const Subject& subject, const Pod& pod) {
    if (!Before(subject, 1, 27)) return;
    for (const auto& annotation : pod.annotations) {
      const auto name = ContainerOf(annotation);
      all_ = all_ || !name;
      if (name) names_.insert(*name);
    }
  }
  bool Has(const Container& container) const { return all_ || names_.contains(container.name); }

 private:
  bool all_ = false;
  std::set<std::string_view> names_;
};

// The field that an annotation stands for: a container's, or the pod's.
struct Counterpart {
  const Container* container = nullptr;
  bool is_there = true;  // a container of that name
  manifest::Place profile;
};

// Of one pod, which may have as many annotations as containers.
class Counterparts {
 public:
  explicit Counterparts(const Pod& pod) : pod_(pod) {
    for (const auto& container : pod.containers) by_name_.emplace(container.name, &container);
    all_have_fields_ = std::ranges::all_of(pod.containers, [&](const Container& container) {
      return manifest::ProfileOf(pod, container).value != nullptr;
    });
  }
  Counterpart Of(const Annotation& annotation) const {
    const auto name = ContainerOf(annotation);
    if (!name) return {nullptr, true, pod_.profile};
    const auto container = by_name_.find(*name);
    if (container == by_name_.end()) return {nullptr, false, {}};
    return {container->second, true, container->second->profile};
  }
  // Whether all that the annotation was for have a profile by a field.
  bool HaveFields(const Counterpart& counterpart) const {
    if (counterpart.profile.value != nullptr) return true;
    if (counterpart.container == nullptr) return all_have_fields_;
    return manifest::ProfileOf(pod_, *counterpart.container).value != nullptr;
  }

 private:
  const Pod& pod_;
  std::map<std::string_view, const Container*> by_name_;  // the first of a name
  bool all_have_fields_ = false;
};

bool Matches(const manifest::Field& field, const manifest::Place& profile) {
  return TypeOf(profile) == field.type && (field.path.empty() || PathOf(profile) == field.path);
}

void SayAnnotation(const Subject& subject, const Pod& pod, const Counterparts& counterparts,
                   const Annotation& annotation, Sink& sink) {
  const std::string fix = "whittle convert --to kubernetes makes a field of it";
  const auto counterpart = counterparts.Of(annotation);
  const std::string who = WhoText(pod, counterpart.container);
  const auto add = [&](Severity severity, const std::string& what, const std::string& to_do) {
    sink.Add(severity, WhereOf(annotation.place), fmt::format("{}: the annotation {}", who, what), to_do);
  };
  const auto field = manifest::FieldOfAnnotation(*annotation.place.value);
  if (!field)
    return add(Severity::kError, "has a value that the API server refuses: " + field.error().message, fix);
  if (!counterpart.is_there)
    return add(Severity::kWarning, "is for a container that is not there", "take it away");
  if (IsType(TypeOf(counterpart.profile)) && !Before(subject, 1, 19) && !Matches(*field, counterpart.profile))
    return add(Severity::kError, "does not say what the field says: the API server refuses such a pod",
               "take the annotation away");
  if (counterparts.HaveFields(counterpart))
    return add(Severity::kInfo, "has no effect beside the field", "take it away");
  if (Before(subject, 1, 27)) {
    const bool pause =
        Before(subject, 1, 19) && counterpart.container == nullptr && field->type == "Localhost";
    return add(Severity::kWarning,
               pause ? "is the pause container's, too: the profile must allow what that one needs"
                     : "has no effect from Kubernetes 1.27 on",
               fix);
  }
  add(field->type == "Unconfined" ? Severity::kWarning : Severity::kError,
      fmt::format("has no effect since Kubernetes 1.27: what it is for does not get {}", field->Text()), fix);
}

bool IsFiltered(const manifest::Place& profile) {
  return TypeOf(profile) == "RuntimeDefault" || TypeOf(profile) == "Localhost";
}

}  // namespace

void CheckYamlSyntax(const Subject& subject, Sink& sink) {
  if (subject.root() == nullptr) sink.AddAt(Severity::kError, *subject.error());
}

void CheckSeccompField(const Subject& subject, Sink& sink) {
  std::set<const Value*> owners;
  for (const auto& pod : subject.pods()) {
    if (owners.insert(pod.owner.value).second) CheckAroundSpec(pod, sink);
    CheckHolder(pod, nullptr, pod.spec, sink);
    CheckContext(pod, nullptr, pod.context, sink);
    for (const auto& container : pod.containers) {
      CheckHolder(pod, &container, container.place, sink);
      CheckContext(pod, &container, container.context, sink);
    }
  }
  for (const auto& given : GivenProfiles(subject)) {
    CheckProfileMembers(given, sink);
    if (Before(subject, 1, 19)) {
      sink.Add(Severity::kError, WhereOf(given.place),
               fmt::format("{}: Kubernetes before 1.19 has no field seccompProfile",
                           WhoText(*given.pod, given.container)),
               "use the annotation there");
    }
  }
}

void CheckSeccompType(const Subject& subject, Sink& sink) {
  for (const auto& given : GivenProfiles(subject)) {
    const std::string who = WhoText(*given.pod, given.container);
    const auto* type = Member(given.place.value, "type");
    if (!given.place.value->is(Kind::kObject)) {
      sink.Add(Severity::kError, WhereOf(given.place),
               fmt::format("{}: seccompProfile is {}, expected an object", who,
                           json::KindText(given.place.value->kind)),
               "{type: RuntimeDefault}, for example");
    } else if (type == nullptr) {
      sink.Add(Severity::kError, WhereOf(given.place), fmt::format("{}: type is missing", who),
               "type: RuntimeDefault, Localhost or Unconfined");
    } else if (!type->is(Kind::kString) || !IsType(type->text)) {
      const auto meant = NearestType(type->text);
      sink.Add(Severity::kError, WhereOf(given.place, "type"),
               fmt::format("{}: '{}' is no type that the API server takes{}", who, json::Quotable(type->text),
                           meant.empty() ? "" : fmt::format(", did you mean '{}'?", meant)),
               type->text == "OCI" ? "OCI is planned (KEP-6061), in no version that is out"
                                   : "type: RuntimeDefault, Localhost or Unconfined");
    }
  }
}

void CheckLocalhostProfilePath(const Subject& subject, Sink& sink) {
  for (const auto& given : GivenProfiles(subject)) {
    if (TypeOf(given.place) != "Localhost") continue;
    const std::string who = WhoText(*given.pod, given.container);
    const auto* path = Member(given.place.value, "localhostProfile");
    if (path == nullptr) {
      sink.Add(Severity::kError, WhereOf(given.place),
               fmt::format("{}: type Localhost without localhostProfile: the API server refuses it", who),
               "localhostProfile: profiles/web.json, below the kubelet's folder seccomp");
      continue;
    }
    const std::string wrong = path->is(Kind::kString) ? WrongPath(path->text)
                                                      : fmt::format("localhostProfile is {}, expected text",
                                                                    json::KindText(path->kind));
    if (!wrong.empty())
      sink.Add(Severity::kError, WhereOf(given.place, "localhostProfile"), fmt::format("{}: {}", who, wrong));
  }
}

void CheckLocalhostProfileUnused(const Subject& subject, Sink& sink) {
  for (const auto& given : GivenProfiles(subject)) {
    const auto type = TypeOf(given.place);
    const auto* path = Member(given.place.value, "localhostProfile");
    if (path == nullptr || (type != "RuntimeDefault" && type != "Unconfined")) continue;
    sink.Add(Severity::kError, WhereOf(given.place, "localhostProfile"),
             fmt::format("{}: localhostProfile beside type {}: the API server refuses it",
                         WhoText(*given.pod, given.container), type),
             "type: Localhost if the file is meant");
  }
}

void CheckLocalhostPrefix(const Subject& subject, Sink& sink) {
  constexpr std::string_view kPrefix = "localhost/";
  for (const auto& given : GivenProfiles(subject)) {
    const auto path = PathOf(given.place);
    const bool has_it = TypeOf(given.place) == "Localhost" && path.starts_with(kPrefix);
    if (!has_it || !subject.cluster().node_files.empty()) continue;
    sink.Add(
        Severity::kWarning, WhereOf(given.place, "localhostProfile"),
        fmt::format("{}: 'localhost/' belongs to the old annotation: here it is a folder, and the file is "
                    "looked for as {}/seccomp/{}",
                    WhoText(*given.pod, given.container), subject.cluster().kubelet_root,
                    json::Quotable(manifest::CleanPath(path))),
        fmt::format("did you mean '{}'?", json::Quotable(path.substr(kPrefix.size()))));
  }
}

void CheckSeccompAnnotation(const Subject& subject, Sink& sink) {
  for (const auto& pod : subject.pods()) {
    const Counterparts counterparts(pod);
    for (const auto& annotation : pod.annotations)
      SayAnnotation(subject, pod, counterparts, annotation, sink);
    for (const auto& annotation : pod.misplaced) {
      sink.Add(Severity::kError, WhereOf(annotation.place),
               fmt::format("{}: the annotation is not of the pods' own metadata: no Kubernetes ever read it",
                           pod.Name()),
               "give the containers in the template the field securityContext.seccompProfile");
    }
  }
}

void CheckSeccompUnconfined(const Subject& subject, Sink& sink) {
  const auto tell = [&](const Where& where, const std::string& who) {
    sink.Add(Severity::kWarning, where, fmt::format("{}: Unconfined: every system call is open", who),
             "RuntimeDefault, or a profile of its own");
  };
  for (const auto& given : GivenProfiles(subject)) {
    if (TypeOf(given.place) == "Unconfined")
      tell(WhereOf(given.place, "type"), WhoText(*given.pod, given.container));
  }
  if (!Before(subject, 1, 27)) return;  // annotations have no effect
  for (const auto& pod : subject.pods()) {
    const Counterparts counterparts(pod);
    for (const auto& annotation : pod.annotations) {
      const auto field = manifest::FieldOfAnnotation(*annotation.place.value);
      const auto counterpart = counterparts.Of(annotation);
      const bool holds = counterpart.is_there && !counterparts.HaveFields(counterpart);
      if (holds && field && field->type == "Unconfined")
        tell(WhereOf(annotation.place), WhoText(pod, counterpart.container));
    }
  }
}

void CheckSeccompNotSet(const Subject& subject, Sink& sink) {
  if (subject.cluster().seccomp_default || subject.cluster().pod_security == manifest::Level::kRestricted)
    return;
  for (const auto& pod : subject.pods()) {
    if (SelectsWindows(pod)) continue;
    const Annotated annotated(subject, pod);
    for (const auto& container : pod.containers) {
      const bool has_one = manifest::ProfileOf(pod, container).value != nullptr;
      if (has_one || container.privileged || annotated.Has(container)) continue;
      sink.Add(
          Severity::kWarning, WhereOf(container.place),
          fmt::format("{}: no seccompProfile, nor has the pod one: Kubernetes filters nothing, unless the "
                      "kubelet's setting seccompDefault is on",
                      WhoText(pod, &container)),
          "securityContext: {seccompProfile: {type: RuntimeDefault}}");
    }
  }
}

void CheckPrivilegedUnfiltered(const Subject& subject, Sink& sink) {
  for (const auto& pod : subject.pods()) {
    for (const auto& container : pod.containers) {
      const manifest::Place& profile = manifest::ProfileOf(pod, container);
      if (!container.privileged || TypeOf(profile) == "Unconfined") continue;
      const bool own = container.profile.value != nullptr && IsFiltered(profile);
      sink.Add(own ? Severity::kError : Severity::kWarning, WhereOf(container.context, "privileged"),
               fmt::format("{}: privileged, so the runtime installs no filter{}", WhoText(pod, &container),
                           IsFiltered(profile) ? fmt::format(", and {} has no effect", TypeOf(profile)) : ""),
               "give it the capabilities that it needs instead");
    }
  }
}

void CheckPodLevelLocalhost(const Subject& subject, Sink& sink) {
  for (const auto& pod : subject.pods()) {
    if (TypeOf(pod.profile) != "Localhost") continue;
    std::vector<std::string> heirs;
    for (const auto& container : pod.containers) {
      if (container.profile.value == nullptr) heirs.push_back(json::Quotable(container.name));
    }
    sink.Add(Severity::kInfo, WhereOf(pod.profile),
             fmt::format("{}: the profile is the pod's: {}", pod.Name(),
                         heirs.empty()
                             ? "only containers that are put into it later get it"
                             : fmt::format("{} get{} it, and so do containers that are put into it later",
                                           Listed(heirs), heirs.size() == 1 ? "s" : "")),
             "give it to the container that it was made for");
  }
}

void CheckWindowsProfile(const Subject& subject, Sink& sink) {
  for (const auto& given : GivenProfiles(subject)) {
    if (!given.pod->windows) continue;
    sink.Add(Severity::kError, WhereOf(given.place),
             fmt::format("{}: a Windows pod with a seccompProfile: the API server refuses it",
                         WhoText(*given.pod, given.container)),
             "take it away");
  }
}

}  // namespace whittle::lint
