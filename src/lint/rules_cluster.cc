// Manifests against what is known of a cluster: the level of a namespace, the files of nodes, the nodes
// themselves.
#include <fmt/core.h>

#include <cctype>

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

// The level as it was asked for: "restricted (Kubernetes 1.24)".
std::string LevelText(const ClusterOptions& cluster) {
  const auto name = manifest::LevelName(*cluster.pod_security);
  if (!cluster.kubernetes) return std::string(name);
  return fmt::format("{} of Kubernetes {}.{}", name, cluster.kubernetes->major, cluster.kubernetes->minor);
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

void SayRefusals(const Subject& subject, const Pod& pod, const std::vector<Refusal>& refusals, Sink& sink) {
  for (const auto& refusal : refusals) {
    sink.Add(Severity::kError, PointerOf(refusal.place),
             fmt::format("{}: refused at level {}: {}", WhoText(pod, refusal.container),
                         LevelText(subject.cluster()), WhyRefused(refusal)),
             FixOf(pod, refusal));
  }
}

// Who debugs the pod later adds a container that has no profile of its own.
bool RefusesDebugging(const Subject& subject, const Pod& pod) {
  return subject.cluster().pod_security == Level::kRestricted && !Before(subject, 1, 19) &&
         pod.profile.value == nullptr && !pod.windows;
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

// It takes off only what it is meant to: an index moves with each that is gone.
std::string PatchText(const json::Value* object, const Finalizer& finalizer) {
  std::string who(Text(object, "kind"));
  for (char& c : who) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (who.empty()) who = "seccompprofile";
  const auto* metadata = Member(object, "metadata");
  who += " " + std::string(Text(metadata, "name"));
  if (const auto space = Text(metadata, "namespace"); !space.empty()) who += fmt::format(" -n {}", space);
  return fmt::format(
      R"(kubectl patch {2} --type=json -p '[{{"op":"test","path":"/metadata/finalizers/{0}","value":"{1}"}},)"
      R"({{"op":"remove","path":"/metadata/finalizers/{0}"}}]', the last one first)",
      finalizer.index, json::Quotable(finalizer.name), json::Quotable(who));
}

void SayFinalizers(const Subject& subject, const manifest::Place& object, Sink& sink) {
  const bool deleted = manifest::IsBeingDeleted(*object.value);
  for (const auto& finalizer : JudgeFinalizers(*object.value, subject.known())) {
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
  if (!subject.cluster().pod_security) return;
  for (const auto& pod : subject.pods()) {
    const auto refusals =
        JudgePodSecurity(pod, *subject.cluster().pod_security, subject.cluster().kubernetes);
    SayRefusals(subject, pod, refusals, sink);
    if (refusals.empty() && RefusesDebugging(subject, pod)) {
      sink.Add(
          Severity::kInfo, PointerOf(pod.spec),
          fmt::format("{}: admitted, but a container of kubectl debug would be refused at level {}: the pod "
                      "has no profile that it would get",
                      pod.Name(), LevelText(subject.cluster())),
          fmt::format("kubectl debug --profile=restricted, or --custom FILE with {}", kFragment));
    }
  }
}

void CheckProfileNotOnNode(const Subject& subject, Sink& sink) {
  for (const auto& given : GivenProfiles(subject)) {
    const auto text = PathOf(given.place);
    const std::string path = manifest::CleanPath(text);
    const bool is_path =
        TypeOf(given.place) == "Localhost" && manifest::CheckLocalhostProfile(text) && !path.empty();
    if (!is_path || given.pod->windows) continue;
    std::vector<const NodeFiles*> nodes;
    for (const auto& node : subject.cluster().node_files) {
      if (!node.Has(path)) nodes.push_back(&node);
    }
    if (nodes.empty()) continue;
    sink.Add(Severity::kError, PointerOf(given.place, "localhostProfile"),
             fmt::format("{}: {}", WhoText(*given.pod, given.container), MissingText(subject, nodes, path)),
             NearestText(nodes, path));
  }
}

void CheckStaleFinalizer(const Subject& subject, Sink& sink) {
  for (const auto& object : subject.objects()) SayFinalizers(subject, object, sink);
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
    sink.Add(Severity::kWarning, PointerOf(holder, "nodeName"),
             fmt::format("{}: node {} is gone", ObjectName(object.value), json::Quotable(node)),
             "delete the object");
  }
}

}  // namespace whittle::lint
