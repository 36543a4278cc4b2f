// What this host is as a target: who would load a document here, and into what. Asks engines and runtimes for
// their versions; thread safe.
#pragma once

#include <string>

#include "base/result.h"
#include "container/container.h"
#include "container/engines.h"
#include "profile/target.h"

namespace whittle::container {

struct HostTarget {
  profile::Target target;
  std::string why;  // where it comes from, for people: "docker at unix:///var/run/docker.sock"
};

// The target of containers that the first answering engine (docker before podman) starts with its default
// runtime. Where none answers: whittle itself (Runtime::kNone), with docker's reading of the document.
// Errors: kNotPossible if the machine or the engine's runtime is none that Whittle knows.
Result<HostTarget> TargetOfHost(const Engines& engines);
Result<HostTarget> TargetOfHost();

// The target of an engine with one of its runtimes (a name of its list or a path; "" is its default).
Result<HostTarget> TargetOfEngine(const EngineInfo& engine, const std::string& runtime = "");

// The target that a container was started for: its engine, runtime, capabilities and no_new_privs.
Result<HostTarget> TargetOfContainer(const ContainerInfo& info);

// This machine without any runtime: `whittle run -- COMMAND`. Capabilities are the caller's bounding set;
// no_new_privs unless the caller has CAP_SYS_ADMIN, as the kernel demands one of them.
Result<HostTarget> TargetOfCommand();

}  // namespace whittle::container
