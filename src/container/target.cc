#include "container/target.h"

#include <fmt/core.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/text.h"
#include "container/capabilities.h"
#include "container/runtime.h"

namespace whittle::container {
namespace {

// Kernel and machine; the rest as the header's defaults.
Result<profile::Target> Machine() {
  utsname name{};
  ::uname(&name);
  profile::Target target;
  target.arch = TRY(NativeAbi(name.machine));
  target.kernel = TRY(profile::ParseVersion(name.release));
  target.capabilities = profile::DefaultCapabilities();
  return target;
}

Result<void> TakeRuntime(profile::Target& target, const std::string& program) {
  const RuntimeProgram runtime = TRY(AskRuntime(program));
  target.runtime = runtime.runtime;
  target.runtime_version = runtime.version;
  if (runtime.libseccomp) target.libseccomp = *runtime.libseccomp;
  return {};
}

profile::Loader LoaderOf(EngineKind kind) {
  if (kind == EngineKind::kContainerd) return profile::Loader::kOci;
  return kind == EngineKind::kDocker ? profile::Loader::kDocker : profile::Loader::kPodman;
}

Result<void> TakeLoader(profile::Target& target, EngineKind kind, const std::string& version) {
  target.loader = LoaderOf(kind);
  const auto parsed = profile::ParseVersion(version);
  if (!parsed) {
    return Fail(ErrorCode::kBadInput, fmt::format("{} says that its version is '{}'", EngineName(kind),
                                                  Printable(version.substr(0, 60))));
  }
  target.loader_version = *parsed;
  return {};
}

// The program behind a name of the engine's list; a name that is not in it is a program itself.
std::string ProgramOf(const EngineInfo& engine, const std::string& runtime) {
  const std::string& name = runtime.empty() ? engine.default_runtime : runtime;
  for (const auto& [known, path] : engine.runtimes) {
    if (known == name && !path.empty()) return path;
  }
  return name;
}

std::set<std::string> OwnBoundingSet() {
  uint64_t mask = 0;
  for (unsigned long bit = 0; bit < AllCapabilities().size(); ++bit) {
    if (::prctl(PR_CAPBSET_READ, bit, 0, 0, 0) == 1) mask |= uint64_t{1} << bit;
  }
  return CapabilitiesOfMask(mask);
}

// The kernel takes a filter from a process that has this, or no_new_privs.
constexpr unsigned kSysAdmin = CAP_SYS_ADMIN;

bool HasEffective(unsigned capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return false;
  return (data[capability / 32].effective >> (capability % 32) & 1) != 0;
}

}  // namespace

Result<HostTarget> TargetOfEngine(const EngineInfo& engine, const std::string& runtime) {
  HostTarget out;
  out.target = TRY(Machine());
  TRY(TakeLoader(out.target, engine.kind, engine.version));
  TRY(TakeRuntime(out.target, ProgramOf(engine, runtime)));
  if (!engine.default_capabilities.empty()) out.target.capabilities = engine.default_capabilities;
  out.why = fmt::format("{} at {}", EngineName(engine.kind), engine.where);
  return out;
}

Result<HostTarget> TargetOfContainer(const ContainerInfo& info) {
  HostTarget out;
  out.target = TRY(Machine());
  TRY(TakeLoader(out.target, info.engine, info.engine_version));
  TRY(TakeRuntime(out.target, info.runtime_path.empty() ? info.runtime : info.runtime_path));
  out.target.no_new_privs = info.no_new_privs;
  out.target.capabilities = info.capabilities;
  if (info.privileged && info.capabilities.empty())
    out.target.capabilities = CapabilitiesOfMask(~uint64_t{0});
  out.why = fmt::format("{} container '{}'", EngineName(info.engine), Printable(info.name));
  return out;
}

Result<HostTarget> TargetOfCommand() {
  HostTarget out;
  out.target = TRY(Machine());
  out.target.runtime = profile::Runtime::kNone;
  out.target.capabilities = OwnBoundingSet();
  out.target.no_new_privs = !HasEffective(kSysAdmin);
  out.why = "whittle loads the filter itself";
  return out;
}

Result<HostTarget> TargetOfHost(const Engines& engines) {
  if (!engines.answering().empty()) return TargetOfEngine(engines.answering().front()->info());
  HostTarget out = TRY(TargetOfCommand());
  out.why = "no container engine answers, so " + out.why;
  return out;
}

Result<HostTarget> TargetOfHost() { return TargetOfHost(Engines::Find()); }

}  // namespace whittle::container
