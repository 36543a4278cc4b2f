// What is known of a cluster: its nodes, and the pods that run. Of objects as `kubectl get -o yaml|json`
// prints them, or of lists, a line each. Pure; thread safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "manifest/pods.h"

namespace whittle::manifest {

struct KnownPod {
  bool ended = false;
  std::string node;
  std::vector<std::string> localhost_profiles;  // of its containers
};

struct Cluster {
  std::optional<std::map<std::string, bool>> nodes;     // by name: whether it is ready
  std::optional<std::map<std::string, KnownPod>> pods;  // by "NAMESPACE/NAME"
  bool all_pods = false;  // who gave them said so: what is not among them is not there
};

// Adds Nodes, and Pods that run or ran (they have a status). Pods may be those of one namespace only.
void AddObjects(const std::vector<Place>& objects, Cluster& cluster);

// Objects in YAML or JSON; or names, a line each ("node-a", "node/node-a"), or kubectl's table. Errors:
// kBadInput.
Result<void> AddNodes(std::string_view text, const std::string& name, Cluster& cluster);
// The same, of all pods; lines are "NAMESPACE/NAME NODE STATUS", the last two may be missing.
Result<void> AddPods(std::string_view text, const std::string& name, Cluster& cluster);

}  // namespace whittle::manifest
