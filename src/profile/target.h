// The place that gives a document its meaning. The same JSON means different things to docker, podman and
// containerd, to runc and crun and to their versions, so nothing is compiled, simulated or compared without
// one. Pure; thread safe.
#pragma once

#include <compare>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "syscalls/abi.h"

namespace whittle::profile {

// Who makes the runtime's configuration of the file. kPodman: CRI-O, too. kOci: containerd's `Localhost`.
enum class Loader { kDocker, kPodman, kOci };
// Who compiles and loads the filter. kNone: Whittle itself (`whittle run -- COMMAND`), no runtime in between.
enum class Runtime { kRunc, kCrun, kNone };

std::string_view LoaderName(Loader loader);           // "docker", "podman", "oci"
std::string_view RuntimeName(Runtime runtime);        // "runc", "crun", "none"
Result<Loader> ParseLoader(std::string_view text);    // kUsage
Result<Runtime> ParseRuntime(std::string_view text);  // kUsage

// A dotted version; what follows the numbers ("+dfsg1", "-rc2", "~ds1") is kept apart and not compared.
struct Version {
  uint32_t major = 0, minor = 0, patch = 0;
  auto operator<=>(const Version&) const = default;
  std::string Text() const;  // "1.1.5"
};
// Finds the first "N.N[.N]" in the text. Errors: kUsage.
Result<Version> ParseVersion(std::string_view text);

struct Target {
  Loader loader = Loader::kDocker;
  Version loader_version{20, 10, 24};
  Runtime runtime = Runtime::kRunc;
  Version runtime_version{1, 1, 5};
  Version libseccomp{2, 5, 4};
  Abi arch = Abi::kX86_64;  // the native ABI of the node
  Version kernel{6, 1, 0};
  std::set<std::string> capabilities;  // the container's bounding set, "CAP_CHOWN", ...
  bool no_new_privs = false;

  // "docker 20.10.24, runc 1.1.5, x86_64, kernel 6.18.44": shown wherever a target decided something.
  std::string Text() const;
};

// The fourteen capabilities that docker and podman give a container by default.
std::set<std::string> DefaultCapabilities();

}  // namespace whittle::profile
