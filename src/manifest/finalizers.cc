#include "manifest/finalizers.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

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

// Whether the finalizer is, or may be, that of a node.
bool MayBeOf(std::string_view part, std::string_view node) {
  if (node.size() <= kLongestNode) return part == node;
  return part == node.substr(0, kLongestNode) ||
         (part.size() > kKeptOfLongNames && part.starts_with(node.substr(0, kKeptOfLongNames)));
}

void JudgeNode(std::string_view part, const Cluster& cluster, Finalizer& finalizer) {
  const std::string shown = json::Quotable(part);
  if (!cluster.nodes) {
    finalizer.why = fmt::format("whether node {} is there is not known", shown);
    return;
  }
  const auto& nodes = *cluster.nodes;
  const auto node =
      std::ranges::find_if(nodes, [&](const auto& known) { return MayBeOf(part, known.first); });
  if (node == nodes.end()) {
    finalizer.state = State::kStale;
    finalizer.why = fmt::format("node {} is gone", shown);
    return;
  }
  finalizer.state = State::kWaiting;
  finalizer.why = node->second ? fmt::format("node {} takes it off", json::Quotable(node->first))
                               : fmt::format("node {} takes it off when it is ready again, and it is not",
                                             json::Quotable(node->first));
}

// Pods that run and use the profile's file, whether or not its status names them.
std::optional<std::string> UserOf(const Value& object, const Cluster& cluster) {
  const auto path = CleanPath(Text(Member(&object, "status"), "localhostProfile"));
  if (path.empty()) return std::nullopt;
  for (const auto& [name, pod] : *cluster.pods) {
    if (!pod.ended && std::ranges::find(pod.localhost_profiles, path) != pod.localhost_profiles.end())
      return name;
  }
  return std::nullopt;
}

// "ns1/web-1 has ended"; nothing for one that runs.
std::optional<std::string> EndOf(const std::string& workload, const Cluster& cluster) {
  const auto pod = cluster.pods->find(workload);
  if (pod == cluster.pods->end()) return json::Quotable(workload) + " is gone";
  if (pod->second.ended) return json::Quotable(workload) + " has ended";
  const bool node_gone =
      cluster.nodes && !pod->second.node.empty() && !cluster.nodes->contains(pod->second.node);
  if (node_gone)
    return fmt::format("{} was on node {}, which is gone", json::Quotable(workload),
                       json::Quotable(pod->second.node));
  return std::nullopt;
}

void JudgeUse(const Value& object, const Cluster& cluster, Finalizer& finalizer) {
  if (!cluster.pods) {
    finalizer.why = "which pods run is not known";
    return;
  }
  std::vector<std::string> ends;
  std::optional<std::string> user = UserOf(object, cluster);
  const auto* workloads = Member(Member(&object, "status"), "activeWorkloads");
  for (const auto& workload : workloads == nullptr ? std::vector<Value>() : workloads->items) {
    if (auto end = EndOf(workload.text, cluster)) {
      ends.push_back(*std::move(end));
    } else if (!user) {
      user = workload.text;
    }
  }
  if (user) {
    finalizer.state = State::kWaiting;
    finalizer.why = fmt::format("pod {} uses the profile", json::Quotable(*user));
    return;
  }
  finalizer.state = State::kStale;
  constexpr size_t kMost = 3;
  const size_t more = ends.size() > kMost ? ends.size() - kMost : 0;
  if (more > 0) ends.resize(kMost);
  finalizer.why = ends.empty() ? "no pod uses the profile"
                               : Join(ends, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
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

}  // namespace

bool HasFinalizers(const Value& object) { return IsOfOperator(object) && FinalizersOf(object) != nullptr; }

bool IsBeingDeleted(const Value& object) {
  return Member(Member(&object, "metadata"), "deletionTimestamp") != nullptr;
}

std::vector<Finalizer> JudgeFinalizers(const Value& object, const Cluster& cluster) {
  std::vector<Finalizer> judged;
  if (!HasFinalizers(object)) return judged;
  const auto& items = FinalizersOf(object)->items;
  for (size_t i = 0; i < items.size(); ++i) {
    Finalizer finalizer{i, items[i].text, State::kUnknown, ""};
    const auto part = NodePart(finalizer.name);
    if (finalizer.name == kInUse) {
      JudgeUse(object, cluster, finalizer);
    } else if (!part.empty()) {
      JudgeNode(part, cluster, finalizer);
    } else {
      continue;
    }
    judged.push_back(std::move(finalizer));
  }
  return judged;
}

}  // namespace whittle::manifest
