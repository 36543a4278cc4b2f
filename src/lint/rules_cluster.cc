// Manifests against what is known of a cluster: the level of a namespace, the files of nodes, the nodes
// themselves.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include "base/nearest.h"
#include "base/text.h"
#include "lint/pods.h"
#include "lint/rules.h"
#include "manifest/finalizers.h"
#include "manifest/localhost.h"

namespace whittle::lint {
namespace {

using manifest::Container;
using manifest::Finalizer;
using manifest::Level;
using manifest::Member;
using manifest::NodeFiles;
using manifest::Pod;
using manifest::Refusal;
using manifest::Text;

constexpr std::string_view kFragment = "securityContext: {seccompProfile: {type: RuntimeDefault}}";

// What is asked of a pod, and how bad a refusal is: of the namespace that the option speaks for, or of what
// labels of the Namespace object in the same manifest say.
struct Asked {
  Level level = Level::kPrivileged;
  std::optional<profile::Version> kubernetes;
  Severity severity = Severity::kError;
  std::string by;  // ", by the label enforce of namespace prod"

  std::string Text() const {
    const std::string version =
        kubernetes ? fmt::format(" of Kubernetes {}.{}", kubernetes->major, kubernetes->minor) : "";
    return fmt::format("{}{}{}", manifest::LevelName(level), version, by);
  }
};

std::optional<Level> LevelOf(std::string_view name) {
  for (const Level level : {Level::kPrivileged, Level::kBaseline, Level::kRestricted}) {
    if (name == manifest::LevelName(level)) return level;
  }
  return std::nullopt;
}

constexpr std::string_view kPrefix = "pod-security.kubernetes.io/";

// "latest", "v1.24": as admission reads the labels that end in -version.
bool IsLabelVersion(std::string_view text) {
  if (text == "latest") return true;
  constexpr std::string_view kMajor = "v1.";
  const auto minor = text.starts_with(kMajor) ? text.substr(kMajor.size()) : "";
  const bool digits =
      std::ranges::all_of(minor, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
  return !minor.empty() && digits && (minor == "0" || minor.front() != '0');
}

// What is wrong with one of admission's labels, which begin with kPrefix.
struct WrongLabel {
  Severity severity = Severity::kError;
  std::string what;
};
std::optional<WrongLabel> JudgeLabel(std::string_view label, std::string_view value) {
  constexpr std::string_view kVersion = "-version";
  std::string_view mode = label.substr(kPrefix.size());
  const bool is_version = mode.ends_with(kVersion);
  if (is_version) mode.remove_suffix(kVersion.size());
  if (mode != "enforce" && mode != "warn" && mode != "audit")
    return WrongLabel{Severity::kWarning, "is no label that admission reads"};
  if (is_version ? IsLabelVersion(value) : LevelOf(value).has_value()) return std::nullopt;
  return WrongLabel{Severity::kError,
                    fmt::format("is '{}': the API server refuses the namespace, or reads it as {}",
                                json::Quotable(value), is_version ? "latest" : "restricted")};
}

void SayWrongLabels(const Subject& subject, Sink& sink) {
  for (const auto& object : subject.objects()) {
    const auto* labels = Member(Member(object.value, "metadata"), "labels");
    if (Text(object.value, "kind") != "Namespace" || labels == nullptr) continue;
    const manifest::Place place{labels, object.pointer + "/metadata/labels"};
    for (const auto& member : labels->members) {
      const bool read = member.name.starts_with(kPrefix);
      const auto wrong = read ? JudgeLabel(member.name, member.value.text) : std::nullopt;
      if (!wrong) continue;
      sink.Add(
          wrong->severity, WhereOf(place, member),
          fmt::format("Namespace {}: {} {}", json::Quotable(Text(Member(object.value, "metadata"), "name")),
                      json::Quotable(member.name), wrong->what),
          "enforce, warn or audit: privileged, baseline or restricted; with -version: latest, or v1.24");
    }
  }
}

// Of one Namespace: who is refused, and who is only warned of.
std::vector<Asked> AskedByLabels(const json::Value* labels, std::string_view name) {
  std::vector<Asked> asked;
  for (const std::string_view mode : {"enforce", "warn"}) {
    const std::string key = fmt::format("{}{}", kPrefix, mode);
    const auto level = LevelOf(Text(labels, key));
    if (!level) continue;
    Asked one{*level, std::nullopt, mode == "warn" ? Severity::kWarning : Severity::kError,
              fmt::format(", by the label {} of namespace {}", mode, json::Quotable(name))};
    if (const auto version = profile::ParseVersion(Text(labels, key + "-version"))) one.kubernetes = *version;
    asked.push_back(std::move(one));
  }
  return asked;
}

std::map<std::string, std::vector<Asked>, std::less<>> AskedByNamespaces(const Subject& subject) {
  std::map<std::string, std::vector<Asked>, std::less<>> asked;
  for (const auto& object : subject.objects()) {
    if (Text(object.value, "kind") != "Namespace") continue;
    const auto* metadata = Member(object.value, "metadata");
    asked[std::string(Text(metadata, "name"))] =
        AskedByLabels(Member(metadata, "labels"), Text(metadata, "name"));
  }
  return asked;
}

std::string WhyRefused(const Refusal& refusal) {
  if (refusal.missing) return "it has no seccompProfile, nor has the pod";
  if (!refusal.annotation.empty())
    return fmt::format("its annotation says '{}'", json::Quotable(refusal.value));
  return refusal.value.empty() ? "its seccompProfile has no type"
                               : fmt::format("its seccompProfile is {}", json::Quotable(refusal.value));
}

std::string FixOf(const Pod& pod, const Refusal& refusal) {
  if (refusal.missing && Text(Member(pod.spec.value, "nodeSelector"), "kubernetes.io/os") == "windows")
    return "spec: {os: {name: windows}}, and from Kubernetes 1.25 on it needs none";
  if (refusal.missing && refusal.container->kind == manifest::Kind::kEphemeral)
    return fmt::format("kubectl debug --profile=restricted gives it one; so does --custom FILE with {}",
                       kFragment);
  if (refusal.missing) return fmt::format("{}, at the container or the pod", kFragment);
  return "RuntimeDefault or Localhost";
}

// True if it would be refused.
bool SayRefusals(const Pod& pod, const Asked& asked, Sink& sink) {
  const auto refusals = JudgePodSecurity(pod, asked.level, asked.kubernetes);
  for (const auto& refusal : refusals) {
    sink.Add(asked.severity, WhereOf(refusal.place),
             fmt::format("{}: {} at level {}: {}", WhoText(pod, refusal.container),
                         asked.severity == Severity::kError ? "refused" : "warned of", asked.Text(),
                         WhyRefused(refusal)),
             FixOf(pod, refusal));
  }
  return !refusals.empty();
}

// Who debugs the pod later adds a container that has no profile of its own.
bool RefusesDebugging(const Pod& pod, const Asked& asked) {
  const bool by_fields = !asked.kubernetes || *asked.kubernetes >= profile::Version{1, 19, 0};
  return asked.level == Level::kRestricted && by_fields && pod.profile.value == nullptr && !pod.windows;
}

// The path's place on the node that is told of, and what may be meant.
std::string MissingText(const Subject& subject, const std::vector<const NodeFiles*>& nodes,
                        const std::string& path) {
  std::vector<std::string> names;
  for (const auto* node : nodes) names.push_back(json::Quotable(node->node));
  const bool folder = nodes.front()->IsFolder(path);
  return fmt::format(
      "{}/seccomp/{} {} on {}: the container is not created (CreateContainerError), and it is "
      "tried again for ever",
      subject.cluster().kubelet_root, json::Quotable(path), folder ? "is a folder" : "is no file",
      Listed(names, 3));
}

std::string NearestText(const std::vector<const NodeFiles*>& nodes, const std::string& path) {
  for (const auto* node : nodes) {
    if (const auto nearest = NearestFile(*node, path))
      return fmt::format("did you mean '{}'?", json::Quotable(*nearest));
  }
  return "put the file there before the pod";
}

std::string_view SeverityWord(Finalizer::State state) {
  switch (state) {
    case Finalizer::State::kStale:
      return "remove";
    case Finalizer::State::kWaiting:
      return "keep";
    case Finalizer::State::kUnknown:
      return "undecided";
  }
  return "";
}

std::string ObjectName(const json::Value* object) {
  const auto kind = Text(object, "kind");
  const auto name = Text(Member(object, "metadata"), "name");
  return fmt::format("{} {}", kind.empty() ? "object" : json::Quotable(kind), json::Quotable(name));
}

// Names are pasted into a shell only if it takes them for nothing but words.
bool IsPlainWord(std::string_view text) {
  const auto plain = [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '.' || c == '_' || c == '/' || c == '-');
  };
  return !text.empty() && text.front() != '-' && std::ranges::all_of(text, plain);
}

// It takes off only what it is meant to: an index moves with each that is gone.
std::string PatchText(const json::Value* object, const Finalizer& finalizer) {
  std::string who = LowerCase(Text(object, "kind"));
  if (who.empty()) who = "seccompprofile";
  const auto* metadata = Member(object, "metadata");
  const auto name = Text(metadata, "name"), space = Text(metadata, "namespace");
  const bool plain = IsPlainWord(who) && IsPlainWord(name) && IsPlainWord(finalizer.name) &&
                     (space.empty() || IsPlainWord(space));
  if (!plain) return "take it off by hand: its names are none that Kubernetes gives";
  who += fmt::format(" {}", name);
  if (!space.empty()) who += fmt::format(" -n {}", space);
  return fmt::format(
      R"(kubectl patch {2} --type=json -p '[{{"op":"test","path":"/metadata/finalizers/{0}","value":"{1}"}},)"
      R"({{"op":"remove","path":"/metadata/finalizers/{0}"}}]', the last one first)",
      finalizer.index, finalizer.name, who);
}

void SayFinalizers(const manifest::FinalizerJudge& judge, const manifest::Place& object, Sink& sink) {
  const bool deleted = manifest::IsBeingDeleted(*object.value);
  for (const auto& finalizer : judge.Judge(*object.value)) {
    const bool stale = finalizer.state == Finalizer::State::kStale;
    if (!stale && !deleted) continue;
    const Severity severity = !stale ? Severity::kInfo : deleted ? Severity::kError : Severity::kWarning;
    sink.Add(severity, fmt::format("{}/metadata/finalizers/{}", object.pointer, finalizer.index),
             fmt::format("{}: {} {}: {}{}", ObjectName(object.value), SeverityWord(finalizer.state),
                         json::Quotable(finalizer.name), finalizer.why,
                         !stale    ? ""
                         : deleted ? ", so the object is never deleted"
                                   : ", so the object could not be deleted"),
             stale                                           ? PatchText(object.value, finalizer)
             : finalizer.state == Finalizer::State::kUnknown ? "say it by --nodes and --pods"
                                                             : "");
  }
}

}  // namespace

void CheckPodSecurity(const Subject& subject, Sink& sink) {
  SayWrongLabels(subject, sink);
  const auto by_namespace = AskedByNamespaces(subject);
  const auto& option = subject.cluster().pod_security;
  for (const auto& pod : subject.pods()) {
    std::vector<Asked> asked;
    if (option) {
      asked = {{*option, subject.cluster().kubernetes, Severity::kError, ""}};
    } else {
      const auto labels = by_namespace.find(pod.owner.space.empty() ? "default" : pod.owner.space);
      if (labels != by_namespace.end()) asked = labels->second;
    }
    for (const auto& one : asked) {
      if (SayRefusals(pod, one, sink)) break;  // who is refused need not be warned of
      if (one.severity != Severity::kError || !RefusesDebugging(pod, one)) continue;
      sink.Add(Severity::kInfo, WhereOf(pod.spec),
               fmt::format("{}: its seccomp settings would be admitted, but a container of kubectl debug "
                           "would be refused at "
                           "level {}: the pod has no profile that it would get",
                           pod.Name(), one.Text()),
               fmt::format("kubectl debug --profile=restricted, or --custom FILE with {}", kFragment));
    }
  }
}

void CheckProfileNotOnNode(const Subject& subject, Sink& sink) {
  const auto check = [&](const std::string& who, Where where, std::string_view text) {
    const std::string path = manifest::CleanPath(text);
    if (!manifest::CheckLocalhostProfile(text) || path.empty()) return;
    std::vector<const NodeFiles*> nodes;
    for (const auto& node : subject.cluster().node_files) {
      if (!node.Has(path)) nodes.push_back(&node);
    }
    if (nodes.empty()) return;
    sink.Add(Severity::kError, std::move(where),
             fmt::format("{}: {}", who, MissingText(subject, nodes, path)), NearestText(nodes, path));
  };
  for (const auto& given : GivenProfiles(subject)) {
    if (TypeOf(given.place) == "Localhost" && !given.pod->windows)
      check(WhoText(*given.pod, given.container), WhereOf(given.place, "localhostProfile"),
            PathOf(given.place));
  }
  if (!Before(subject, 1, 27)) return;
  for (const auto& pod : subject.pods()) {
    for (const auto& annotation : pod.annotations) {
      const auto field = manifest::FieldOfAnnotation(*annotation.place.value);
      if (field && field->type == "Localhost") check(pod.Name(), WhereOf(annotation.place), field->path);
    }
  }
}

void CheckStaleFinalizer(const Subject& subject, Sink& sink) {
  const manifest::FinalizerJudge judge(subject.known());
  for (const auto& object : subject.objects()) SayFinalizers(judge, object, sink);
}

void CheckStaleNodeStatus(const Subject& subject, Sink& sink) {
  if (!subject.known().nodes) return;
  for (const auto& object : subject.objects()) {
    if (Text(object.value, "kind") != "SecurityProfileNodeStatus") continue;
    const bool in_spec = Member(object.value, "nodeName") == nullptr;
    const manifest::Place holder =
        in_spec ? manifest::Place{Member(object.value, "spec"), object.pointer + "/spec"} : object;
    const auto node = Text(holder.value, "nodeName");
    if (node.empty() || subject.known().nodes->contains(std::string(node))) continue;
    sink.Add(Severity::kWarning, WhereOf(holder, "nodeName"),
             fmt::format("{}: node {} is gone", ObjectName(object.value), json::Quotable(node)),
             "delete the object");
  }
}

}  // namespace whittle::lint
