// With --level portable: other ways to do what an allowed call does. The step is applied to what the workload
// and the runtime need, once; what it adds is not followed further, so that each addition stays one step from
// evidence.
#include "optimize/passes/pass.h"
#include "syscalls/facts.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

// A 32-bit sibling is of use only where a 32-bit ABI is listed.
bool Useful(const Plan& plan, std::string_view call) {
  return AnyAbiHas(plan, call) || SyscallNumber(Abi::kX86_64, call) || SyscallNumber(Abi::kAarch64, call);
}

}  // namespace

Result<void> AddEquivalents(Plan& plan) {
  if (plan.options.level != Level::kPortable) return {};
  std::vector<const Alternative*> wanted;
  for (const auto& row : Equivalents()) {
    if (plan.result.grants.contains(std::string(row.call)) && Useful(plan, row.also)) wanted.push_back(&row);
  }
  for (const Alternative* row : wanted) {
    GrantCall(plan, row->also, {Origin::kEquivalent, {}, std::string(row->reason), std::string(row->call)});
  }
  return {};
}

}  // namespace whittle::optimize
