// Objects of the Security Profiles Operator that wait for nodes. The operator's daemon on each node puts a
// finalizer on a profile, "NODE-deleted", and takes it off once the file is gone there;
// "in-use-by-active-pods" stays while pods use the profile. Of a node that is gone nobody takes it off, and
// the object can never be deleted. Pure; thread safe.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "manifest/cluster.h"

namespace whittle::manifest {

struct Finalizer {
  enum class State {
    kStale,    // whom it waits for is gone: take it off by hand
    kWaiting,  // whom it waits for is there
    kUnknown,  // that cannot be told of what is known of the cluster
  };
  size_t index = 0;  // in metadata.finalizers
  std::string name;
  State state = State::kUnknown;
  std::string why;  // "node node-b is gone"
};

// An object with the operator's finalizers.
bool HasFinalizers(const json::Value& object);
// It is to be deleted: metadata.deletionTimestamp.
bool IsBeingDeleted(const json::Value& object);

// Looks up nodes and pods for any number of objects. The cluster must outlive it.
class FinalizerJudge {
 public:
  explicit FinalizerJudge(const Cluster& cluster);
  // The operator's finalizers of an object, in their order; those of others are not named.
  std::vector<Finalizer> Judge(const json::Value& object) const;

 private:
  std::string NodeOf(std::string_view part) const;
  void JudgeNode(std::string_view part, Finalizer& finalizer) const;
  std::string UserOf(const json::Value& object) const;
  bool Knows(const std::string& space) const;
  std::optional<std::string> EndOf(const std::string& workload) const;
  void JudgeUse(const json::Value& object, Finalizer& finalizer) const;

  const Cluster& cluster_;
  std::map<std::string, std::string> long_nodes_;  // by the part of its name that its finalizer keeps
  std::map<std::string, std::string> users_;       // a pod that runs, by the path of its profile
  std::set<std::string> spaces_;                   // of which pods are known
};

}  // namespace whittle::manifest
