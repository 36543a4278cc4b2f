// Lint: faults of a profile that no parser refuses, and what they come to. Rules are a table (rule.h); what a
// rule says is drawn from the meaning that the compiler gives the document on each place it may be used at,
// not from its text, wherever a meaning can answer. A manifest of Kubernetes has rules of its own: what its
// pods say of seccomp. Pure; thread safe. Cost: linear in the document, times the places; what profile::Read
// refuses is not looked at further.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lint/finding.h"
#include "manifest/cluster.h"
#include "manifest/node_files.h"
#include "manifest/pod_security.h"
#include "profile/target.h"

namespace whittle::lint {

// The places where a profile is used if nothing else is said: each loader, with the runtimes that go with it,
// in versions that are in use and differ.
std::vector<profile::Target> UsualTargets();

// What manifests of Kubernetes are asked beyond themselves.
struct ClusterOptions {
  std::optional<manifest::Level> pod_security;  // of the namespace that the pods are for
  std::optional<profile::Version> kubernetes;   // nothing: the newest
  bool seccomp_default = false;  // the kubelets' setting: who has no profile gets the runtime's
  std::string kubelet_root{manifest::kKubeletRoot};
  std::vector<manifest::NodeFiles> node_files;  // nothing: not known
  manifest::Cluster known;
};

struct Options {
  std::vector<profile::Target> targets = UsualTargets();
  // Nobody chose the targets. Then a profile that `generate` made is asked of the runtime that it was made
  // for, the defaults of docker and podman of those, and a document for other machines of these.
  bool usual = true;
  ClusterOptions cluster;
  bool containerds_own = false;  // see profile::IsContainerdsOwn
  bool yaml = false;             // the file is called so: what is broken in it is no JSON
};

// By place in the text, then by severity. Of one rule at most a hundred, and how many more there are.
std::vector<Finding> Lint(std::string_view text, const Options& options = {});

// Of the profiles in a manifest the first ones are looked at: so many, and together not more text than a
// profile may have.
inline constexpr size_t kMostInside = 1000;
inline constexpr size_t kMostTextInside = size_t{16} << 20;

struct Inside {
  size_t looked_at = 0;
  bool more = false;  // there is at least one behind them
};

// The same, with the places that the profile, or those in the manifest, were asked of. None: no profile.
struct Linting {
  std::vector<Finding> findings;
  std::vector<profile::Target> asked;
  Inside inside;
};
Linting LintAndPlaces(std::string_view text, const Options& options = {});

// "docker and podman, with runc and crun 1.29.1": of one runtime in one version the version, too. Empty for
// none.
std::string AskedText(const std::vector<profile::Target>& asked);

}  // namespace whittle::lint
