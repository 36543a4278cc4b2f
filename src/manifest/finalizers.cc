#include "manifest/finalizers.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "manifest/localhost.h"
#include "manifest/pods.h"

namespace whittle::manifest {
namespace {

using json::Value;
using State = Finalizer::State;

constexpr std::string_view kInUse = "in-use-by-active-pods";
constexpr std::string_view kSuffixes[] = {"-deleted", "-delete"};
constexpr std::string_view kGroup = "security-profiles-operator.x-k8s.io/";
// A finalizer has at most 63 characters. Of nodes with longer names the operator once cut the name; now it
// keeps these many of it, with a hash behind.
constexpr size_t kLongestNode = 63 - kSuffixes[0].size();
constexpr size_t kKeptOfLongNames = 16;

std::string_view NodePart(std::string_view finalizer) {
  for (const auto suffix : kSuffixes) {
    if (finalizer.ends_with(suffix) && finalizer.size() > suffix.size())
      return finalizer.substr(0, finalizer.size() - suffix.size());
  }
  return "";
}

const Value* FinalizersOf(const Value& object) {
  const auto* finalizers = Member(Member(&object, "metadata"), "finalizers");
  return finalizers != nullptr && finalizers->is(json::Kind::kArray) ? finalizers : nullptr;
}

bool IsOfOperator(const Value& object) {
  const auto version = Text(&object, "apiVersion");
  const auto* finalizers = FinalizersOf(object);
  if (version.starts_with(kGroup)) return true;
  // What was cut out of one, without its kind.
  return version.empty() && finalizers != nullptr &&
         std::ranges::any_of(finalizers->items, [](const Value& finalizer) {
           return finalizer.text == kInUse || !NodePart(finalizer.text).empty();
         });
}

std::string NamespaceOf(std::string_view workload) {
  return std::string(workload.substr(0, workload.find('/')));
}

}  // namespace

bool HasFinalizers(const Value& object) { return IsOfOperator(object) && FinalizersOf(object) != nullptr; }

bool IsBeingDeleted(const Value& object) {
  return Member(Member(&object, "metadata"), "deletionTimestamp") != nullptr;
}

FinalizerJudge::FinalizerJudge(const Cluster& cluster) : cluster_(cluster) {
  if (cluster.nodes) {
    for (const auto& [name, ready] : *cluster.nodes) {
      if (name.size() > kLongestNode) long_nodes_.emplace(name.substr(0, kKeptOfLongNames), name);
    }
  }
  if (!cluster.pods) return;
  for (const auto& [name, pod] : *cluster.pods) {
    spaces_.insert(NamespaceOf(name));
    if (pod.ended) continue;
    for (const auto& path : pod.localhost_profiles) users_.emplace(path, name);
  }
}

// The node whose finalizer it is, or may be; "" if none is known.
std::string FinalizerJudge::NodeOf(std::string_view part) const {
  if (part.size() <= kLongestNode && cluster_.nodes->contains(std::string(part))) return std::string(part);
  if (part.size() <= kKeptOfLongNames) return "";
  const auto node = long_nodes_.find(std::string(part.substr(0, kKeptOfLongNames)));
  return node == long_nodes_.end() ? "" : node->second;
}

void FinalizerJudge::JudgeNode(std::string_view part, Finalizer& finalizer) const {
  const std::string shown = json::Quotable(part);
  if (!cluster_.nodes) {
    finalizer.why = fmt::format("whether node {} is there is not known", shown);
    return;
  }
  const std::string node = NodeOf(part);
  if (node.empty()) {
    finalizer.state = State::kStale;
    finalizer.why = fmt::format("node {} is gone", shown);
    return;
  }
  finalizer.state = State::kWaiting;
  const std::string_view when = cluster_.nodes->at(node) ? "" : " when it is ready again, and it is not";
  finalizer.why = fmt::format("node {} takes it off{}", json::Quotable(node), when);
}

// Pods that run and use the profile's file, whether or not its status names them.
std::string FinalizerJudge::UserOf(const Value& object) const {
  const auto path = CleanPath(Text(Member(&object, "status"), "localhostProfile"));
  const auto user = path.empty() ? users_.end() : users_.find(path);
  return user == users_.end() ? "" : user->second;
}

// Whether pods of the namespace would be known, if there were any.
bool FinalizerJudge::Knows(const std::string& space) const {
  return cluster_.all_pods || spaces_.contains(space);
}

// "ns1/web-1 has ended"; nothing for one that runs.
std::optional<std::string> FinalizerJudge::EndOf(const std::string& workload) const {
  const auto pod = cluster_.pods->find(workload);
  if (pod == cluster_.pods->end()) return json::Quotable(workload) + " is gone";
  if (pod->second.ended) return json::Quotable(workload) + " has ended";
  const bool node_gone =
      cluster_.nodes && !pod->second.node.empty() && !cluster_.nodes->contains(pod->second.node);
  if (node_gone)
    return fmt::format("{} was on node {}, which is gone", json::Quotable(workload),
                       json::Quotable(pod->second.node));
  return std::nullopt;
}

void FinalizerJudge::JudgeUse(const Value& object, Finalizer& finalizer) const {
  if (!cluster_.pods) {
    finalizer.why = "which pods run is not known";
    return;
  }
  constexpr size_t kMost = 3;
  std::vector<std::string> ends;
  size_t more = 0;
  std::string user = UserOf(object);
  std::string unknown(Text(Member(&object, "metadata"), "namespace"));
  if (unknown.empty() || Knows(unknown)) unknown.clear();
  if (const auto* workloads = Member(Member(&object, "status"), "activeWorkloads")) {
    for (const auto& workload : workloads->items) {
      if (!Knows(NamespaceOf(workload.text))) unknown = NamespaceOf(workload.text);
      auto end = EndOf(workload.text);
      if (!end && user.empty()) user = workload.text;
      if (end && ends.size() == kMost) ++more;
      if (end && ends.size() < kMost) ends.push_back(*std::move(end));
    }
  }
  if (!user.empty()) {
    finalizer.state = State::kWaiting;
    finalizer.why = fmt::format("pod {} uses the profile", json::Quotable(user));
    return;
  }
  if (!unknown.empty()) {
    finalizer.why = fmt::format("of namespace {} no pod is known", json::Quotable(unknown));
    return;
  }
  finalizer.state = State::kStale;
  finalizer.why = ends.empty() ? "no pod uses the profile"
                               : Join(ends, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
}

std::vector<Finalizer> FinalizerJudge::Judge(const Value& object) const {
  std::vector<Finalizer> judged;
  if (!HasFinalizers(object)) return judged;
  const auto& items = FinalizersOf(object)->items;
  bool use_told = false;  // of one object it is asked once
  for (size_t i = 0; i < items.size(); ++i) {
    Finalizer finalizer{i, items[i].text, State::kUnknown, ""};
    const auto part = NodePart(finalizer.name);
    if (finalizer.name == kInUse && !std::exchange(use_told, true)) {
      JudgeUse(object, finalizer);
    } else if (!part.empty()) {
      JudgeNode(part, finalizer);
    } else {
      continue;
    }
    judged.push_back(std::move(finalizer));
  }
  return judged;
}

}  // namespace whittle::manifest
