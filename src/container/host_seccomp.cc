// Probes of seccomp itself.
#include <fmt/core.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "container/host.h"

namespace whittle::container {
namespace {

struct NamedAction {
  const char* name;
  uint32_t action;
};
constexpr std::array<NamedAction, 8> kActions = {{{"KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
                                                  {"KILL_THREAD", SECCOMP_RET_KILL_THREAD},
                                                  {"TRAP", SECCOMP_RET_TRAP},
                                                  {"ERRNO", SECCOMP_RET_ERRNO},
                                                  {"NOTIFY", SECCOMP_RET_USER_NOTIF},
                                                  {"TRACE", SECCOMP_RET_TRACE},
                                                  {"LOG", SECCOMP_RET_LOG},
                                                  {"ALLOW", SECCOMP_RET_ALLOW}}};

long Seccomp(unsigned operation, void* argument) { return ::syscall(SYS_seccomp, operation, 0, argument); }

HostFact ProbeActions() {
  std::vector<std::string> there, lacking;
  for (const auto& one : kActions) {
    uint32_t action = one.action;
    (Seccomp(SECCOMP_GET_ACTION_AVAIL, &action) == 0 ? there : lacking).emplace_back(one.name);
  }
  HostFact fact;
  fact.area = Area::kFilters;
  fact.name = "seccomp actions";
  fact.finding = lacking.empty() ? Finding::kOk : Finding::kMissing;
  fact.found = lacking.empty() ? Join(there, ", ") : "not available: " + Join(lacking, ", ");
  fact.follows = lacking.empty() ? "every action of a profile means here what it says"
                                 : "profiles that use these are refused or mean something else";
  if (!lacking.empty()) fact.mend = "boot a kernel with CONFIG_SECCOMP_FILTER, 5.0 or newer";
  return fact;
}

HostFact ProbeNotification() {
  seccomp_notif_sizes sizes{};
  const bool there = Seccomp(SECCOMP_GET_NOTIF_SIZES, &sizes) == 0;
  HostFact fact;
  fact.area = Area::kFilters;
  fact.name = "user notification";
  fact.finding = there ? Finding::kOk : Finding::kMissing;
  fact.found =
      there ? fmt::format("sizes {}/{}/{}", sizes.seccomp_notif, sizes.seccomp_notif_resp, sizes.seccomp_data)
            : std::string(std::strerror(errno));
  fact.follows = there ? "SCMP_ACT_NOTIFY works" : "profiles with SCMP_ACT_NOTIFY do not load";
  if (!there) fact.mend = "boot Linux 5.0 or newer";
  return fact;
}

// Inside another container the strictest filter wins, so what is tried here may be refused by it.
HostFact ProbeOwnFilter() {
  HostFact fact;
  fact.area = Area::kFilters;
  fact.name = "filter on this shell";
  const int mode = ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
  if (mode < 0) {
    fact.found = std::strerror(errno);
    fact.follows = "whether this shell is itself confined is not known";
    return fact;
  }
  fact.finding = Finding::kOk;
  fact.found = mode == 0 ? "none" : "there is one";
  fact.follows = mode == 0 ? "what is tried here is refused by nobody else"
                           : "what it refuses stays refused to all that `whittle run -- COMMAND` starts";
  return fact;
}

HostFact ProbeJit() {
  HostFact fact;
  fact.area = Area::kFilters;
  fact.name = "BPF compiler (JIT)";
  const auto text = ReadKernelFile("/proc/sys/net/core/bpf_jit_enable");
  if (!text) {
    // Readable by root of the initial network namespace only.
    fact.found = "net.core.bpf_jit_enable cannot be read here";
    fact.follows = "the cost of a filter is not known: interpreted ones are several times slower";
    return fact;
  }
  const bool on = Trim(*text) != "0";
  fact.finding = on ? Finding::kOk : Finding::kMissing;
  fact.found = fmt::format("net.core.bpf_jit_enable = {}", Trim(*text));
  fact.follows = on ? "filters run as machine code" : "filters are interpreted, several times slower";
  if (!on) fact.mend = "sysctl -w net.core.bpf_jit_enable=1";
  return fact;
}

}  // namespace

std::vector<HostFact> ProbeSeccomp() {
  return {ProbeActions(), ProbeNotification(), ProbeOwnFilter(), ProbeJit()};
}

}  // namespace whittle::container
