// Probes of engines and runtimes.
#include <fmt/core.h>

#include "base/text.h"
#include "container/host.h"
#include "container/runtime.h"

namespace whittle::container {
namespace {

HostFact Fact(std::string name, Finding finding) {
  HostFact fact;
  fact.area = Area::kContainers;
  fact.name = std::move(name);
  fact.finding = finding;
  return fact;
}

std::string SeccompText(const EngineInfo& info) {
  if (info.seccomp.empty()) return "its seccomp support is off";
  if (info.seccomp == "default" || info.seccomp == "builtin")
    return "its default profile is the built-in one";
  return fmt::format("its default profile is {}", Printable(info.seccomp));
}

HostFact OfEngine(const EngineInfo& info) {
  HostFact fact = Fact(std::string(EngineName(info.kind)), Finding::kOk);
  fact.found = fmt::format("{} at {}, runtime {}", Printable(info.version), Printable(info.where),
                           Printable(info.default_runtime));
  if (info.kind == EngineKind::kContainerd) {
    fact.follows = "containers are recorded by name; its clients choose their filters";
    return fact;
  }
  fact.found +=
      fmt::format(", {} cgroups v{}", Printable(info.cgroup_driver), Printable(info.cgroup_version));
  fact.follows = fmt::format("containers are recorded and run by name; {}", SeccompText(info));
  return fact;
}

const char* HowToMend(EngineKind kind) {
  switch (kind) {
    case EngineKind::kDocker:
      return "start dockerd, or name its socket in DOCKER_HOST (unix://...)";
    case EngineKind::kPodman:
      return "install podman, or name its service's socket in CONTAINER_HOST (unix://...)";
    case EngineKind::kContainerd:
      break;
  }
  return "start containerd, or name its socket in CONTAINERD_ADDRESS, if you want to use it";
}

HostFact OfSilentEngine(const SilentEngine& engine) {
  HostFact fact = Fact(std::string(EngineName(engine.kind)), Finding::kMissing);
  fact.found = fmt::format("{}: {}", Printable(engine.where), Printable(engine.why));
  fact.follows =
      fmt::format("its containers cannot be named; --cgroup, --pid and -- COMMAND work without it");
  fact.mend = HowToMend(engine.kind);
  return fact;
}

HostFact OfRuntime(const std::string& name) {
  const auto program = AskRuntime(name);
  if (!program) {
    HostFact fact = Fact(name, Finding::kMissing);
    fact.found = program.error().message;
    fact.follows = "no container can be started with it";
    fact.mend = fmt::format("apt-get install {}, if you want to use it", name);
    return fact;
  }
  HostFact fact = Fact(name, Finding::kOk);
  fact.found = fmt::format("{} at {}", Printable(program->version_text), program->path);
  if (program->libseccomp) {
    fact.follows = fmt::format("compiles filters with libseccomp {}", program->libseccomp->Text());
  } else {
    fact.follows = "which libseccomp it uses is not known, so simulations assume a common one";
  }
  return fact;
}

}  // namespace

std::vector<HostFact> ProbeEngines(const Engines& engines) {
  std::vector<HostFact> facts;
  for (const auto& engine : engines.answering()) facts.push_back(OfEngine(engine->info()));
  for (const auto& engine : engines.silent()) facts.push_back(OfSilentEngine(engine));
  for (const char* runtime : {"runc", "crun"}) facts.push_back(OfRuntime(runtime));
  return facts;
}

}  // namespace whittle::container
