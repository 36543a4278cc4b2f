// Closes namespaces in clone and clone3 where the evidence shows that the workload makes none by them: clone
// is allowed without the flags that make some, and clone3 is answered ENOSYS, upon which libcs take clone.
// Docker's default does the same to every container without CAP_SYS_ADMIN, seen or not; here a workload that
// was seen to need either keeps it.
#include "optimize/clone.h"

#include "optimize/passes/pass.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using evidence::CloneFlags;

std::set<CloneFlags> FlagsSeen(const Plan& plan) {
  std::set<CloneFlags> seen;
  for (const auto& [subject, calls] : plan.evidence.subjects) {
    if (subject.arrival != evidence::Arrival::kWorkload) continue;
    for (const auto& [key, observation] : calls) {
      const auto name = SyscallName(key.abi, key.number);
      if (!IsWanted(plan, key) || (name != "clone" && name != "clone3")) continue;
      seen.insert(key.clone_flags);
    }
  }
  return seen;
}

// Why nothing can be closed; empty if it can.
std::string WhyOpen(const std::set<CloneFlags>& seen) {
  const std::string open = ": clone and clone3 stay open as they were seen, with any flags";
  if (seen.contains(CloneFlags::kNamespaces)) return "the workload makes namespaces" + open;
  if (seen.contains(CloneFlags::kOnlyClone3)) return "the workload needs what only clone3 can do" + open;
  if (seen.contains(CloneFlags::kUnknown)) return "the evidence does not tell the flags of clone" + open;
  return "";
}

void ReplaceClone3(Plan& plan) {
  auto& grants = plan.result.grants;
  const auto clone3 = grants.find("clone3");
  if (clone3 == grants.end()) return;
  const auto users = clone3->second.users;
  grants.erase(clone3);
  GrantCall(plan, "clone",
            {Origin::kEquivalent, {}, "libcs take it where clone3 is answered \"no such call\"", "clone3"});
  grants["clone"].users.insert(users.begin(), users.end());
  plan.result.clone3_replaced = true;
}

}  // namespace

Result<void> NarrowClone(Plan& plan) {
  const auto& grants = plan.result.grants;
  if (plan.options.arguments == Arguments::kOff) return {};
  if (!grants.contains("clone") && !grants.contains("clone3")) return {};
  if (const auto why = WhyOpen(FlagsSeen(plan)); !why.empty()) {
    plan.result.warnings.push_back(why);
    return {};
  }
  plan.result.clone_narrowed = true;
  // A profile for trying refuses nothing, so nobody would fall back.
  if (plan.options.deny != Deny::kLog) ReplaceClone3(plan);
  return {};
}

}  // namespace whittle::optimize
