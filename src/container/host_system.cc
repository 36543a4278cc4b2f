// Probes of the system around: who asks, kernel, control groups, lockdown.
#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/file.h"
#include "base/text.h"
#include "container/capabilities.h"
#include "container/host.h"
#include "syscalls/abi.h"

namespace whittle::container {
namespace {

constexpr const char* kStatus = "/proc/self/status";

// The effective capabilities of this process.
Result<std::set<std::string>> OwnCapabilities() {
  const std::string text = TRY(ReadKernelFile(kStatus));
  for (const auto line : Lines(text)) {
    if (!line.starts_with("CapEff:")) continue;
    const auto mask = ParseUnsigned(fmt::format("0x{}", Trim(line.substr(7))));
    if (mask) return CapabilitiesOfMask(*mask);
  }
  return Fail(ErrorCode::kNotPossible, fmt::format("{} has no CapEff line: mount /proc", kStatus));
}

HostFact ProbeCapabilities() {
  constexpr std::array<const char*, 3> kNeeded = {"CAP_BPF", "CAP_PERFMON", "CAP_SYS_ADMIN"};
  HostFact fact;
  fact.weight = Weight::kNeeded;
  fact.name = "privileges";
  const auto own = OwnCapabilities();
  if (!own) {
    fact.found = own.error().message;
    fact.follows = "whether this user may record is not known";
    return fact;
  }
  std::vector<std::string> lacking;
  for (const char* name : kNeeded) {
    if (!own->contains(name)) lacking.emplace_back(name);
  }
  fact.finding = lacking.empty() ? Finding::kOk : Finding::kMissing;
  fact.found = lacking.empty()
                   ? fmt::format("user {} has CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN", ::geteuid())
                   : fmt::format("user {} lacks {}", ::geteuid(), Join(lacking, ", "));
  fact.follows = lacking.empty()
                     ? "may record, and watch refusals"
                     : "cannot record; generate, verify, simulate, report and run need no privilege";
  if (!lacking.empty()) fact.mend = "use sudo for record, baseline and doctor";
  return fact;
}

HostFact ProbeKernel() {
  utsname name{};
  ::uname(&name);
  const auto abi = NativeAbi(name.machine);
  HostFact fact;
  fact.weight = Weight::kNeeded;
  fact.name = "kernel";
  fact.found = fmt::format("Linux {} on {}", name.release, name.machine);
  fact.finding = abi ? Finding::kOk : Finding::kMissing;
  std::string served;
  for (const Abi one : abi ? SiblingAbis(*abi) : std::span<const Abi>()) {
    served += (served.empty() ? "" : ", ") + std::string(AbiName(one));
  }
  fact.follows =
      abi ? "calls are told apart by ABI: " + served : "the numbers of this machine's calls are not known";
  if (!abi) fact.mend = "use one of the machines of `whittle syscalls --help`";
  return fact;
}

// Which kinds of control group are mounted.
struct Mounts {
  bool v1 = false;
  bool v2 = false;
};
Result<Mounts> CgroupMounts() {
  const std::string text = TRY(ReadKernelFile("/proc/self/mounts"));
  Mounts mounts;
  for (const auto line : Lines(text)) {
    const auto words = Words(line);
    if (words.size() < 3) continue;
    mounts.v1 = mounts.v1 || words[2] == "cgroup";
    mounts.v2 = mounts.v2 || words[2] == "cgroup2";
  }
  return mounts;
}

HostFact ProbeCgroups() {
  HostFact fact;
  fact.weight = Weight::kNeeded;
  fact.name = "control groups";
  const auto mounts = CgroupMounts();
  if (!mounts) {
    fact.found = mounts.error().message;
    fact.follows = "whether containers can be told apart is not known";
    return fact;
  }
  fact.finding = mounts->v1 || mounts->v2 ? Finding::kOk : Finding::kMissing;
  if (mounts->v2 && !mounts->v1) {
    fact.found = "version 2";
    fact.follows = "containers are named by their cgroup";
  } else if (mounts->v2) {
    fact.found = "version 1 controllers beside version 2 (hybrid)";
    fact.follows = "containers are named by their cgroup; crun refuses to start on such a host";
    fact.mend = "for crun, boot with systemd.unified_cgroup_hierarchy=1";
  } else if (mounts->v1) {
    fact.found = "version 1";
    fact.follows = "containers are named by their v1 pids cgroup";
  } else {
    fact.found = "none is mounted";
    fact.follows = "containers cannot be told apart; `record -- COMMAND` works";
    fact.mend = "mount -t cgroup2 none /sys/fs/cgroup";
  }
  return fact;
}

HostFact ProbeLockdown() {
  HostFact fact;
  fact.name = "kernel lockdown";
  const auto text = ReadKernelFile("/sys/kernel/security/lockdown");
  if (!text) {
    fact.found =
        "/sys/kernel/security/lockdown cannot be read: no lockdown in this kernel, or securityfs not mounted";
    fact.follows = "only confidentiality mode would forbid recording, and then the lines above say so";
    return fact;
  }
  const bool confidential = text->find("[confidentiality]") != std::string::npos;
  fact.finding = confidential ? Finding::kMissing : Finding::kOk;
  fact.found = std::string(Trim(*text));
  fact.follows = confidential ? "the kernel forbids BPF programs to read its memory"
                              : "recording is not restricted by it";
  if (confidential) fact.mend = "boot with lockdown=integrity or without lockdown";
  return fact;
}

}  // namespace

std::vector<HostFact> ProbePrivileges() { return {ProbeKernel(), ProbeCapabilities()}; }

std::vector<HostFact> ProbeSystem() { return {ProbeCgroups(), ProbeLockdown()}; }

}  // namespace whittle::container
