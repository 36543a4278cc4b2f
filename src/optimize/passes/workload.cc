// Keeps what the workload was seen to do and was let do. What came from outside is left out: the runtime's
// own calls come back, measured, with the baseline.
#include <fmt/core.h>

#include "optimize/passes/pass.h"
#include "optimize/verify.h"
#include "profile/library_names.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using evidence::Arrival;
using evidence::CallKey;

void Keep(Plan& plan, const CallKey& key, const std::string& executable) {
  plan.abis.insert(key.abi);
  const auto name = SyscallName(key.abi, key.number);
  if (!name) {
    plan.result.unnameable.insert(
        {key.abi, key.number, "the number has no name, and profiles know names only"});
    return;
  }
  const auto& library = plan.options.target.libseccomp;
  const auto known = profile::LibraryName::Find(*name);
  if (!known || !known->KnownTo(library) || known->NumberOn(key.abi) != key.number) {
    plan.result.unnameable.insert(
        {key.abi, key.number, fmt::format("libseccomp {} does not know it on this ABI", library.Text())});
    return;
  }
  GrantCall(plan, *name, {Origin::kWorkload, {}, {}, {}});
  plan.result.grants[std::string(*name)].users.insert(executable);
}

}  // namespace

Result<void> KeepWorkload(Plan& plan) {
  plan.abis.insert(plan.options.target.arch);
  TRY(NeedWorkload(plan.evidence));
  for (const auto& [subject, calls] : plan.evidence.subjects) {
    if (subject.arrival != Arrival::kWorkload) continue;
    for (const auto& [key, observation] : calls) {
      if (IsWanted(plan, key)) Keep(plan, key, subject.executable);
    }
  }
  return {};
}

}  // namespace whittle::optimize
