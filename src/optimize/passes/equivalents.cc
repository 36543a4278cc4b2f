// With --level portable: other ways to do what an allowed call does. The step is applied to what the workload
// and the runtime need, once; what it adds is not followed further, so that each addition stays one step from
// evidence. What is not added is suggested.
#include "optimize/passes/pass.h"
#include "syscalls/facts.h"

namespace whittle::optimize {
namespace {

using Standing = Suggestion::Standing;

bool Applies(const Plan& plan, const std::map<std::string, Grant>& needed, const Equivalent& row) {
  const bool wanted = row.call.empty() || needed.contains(std::string(row.call));
  const auto also = needed.find(std::string(row.also));
  const bool seen = also != needed.end() && also->second.origin == Origin::kWorkload;
  return wanted && !seen && ConcernsAnAbi(plan, row.also, row.abis);
}

}  // namespace

Result<void> AddEquivalents(Plan& plan) {
  const auto needed = plan.result.grants;
  for (const auto& row : Equivalents()) {
    if (!Applies(plan, needed, row)) continue;
    const std::string call(row.call);
    const bool allowed = needed.contains(std::string(row.also));
    if (!allowed && row.same_power && plan.options.level == Level::kPortable) {
      GrantCall(plan, row.also, {Origin::kEquivalent, {}, std::string(row.reason), call});
      continue;
    }
    const auto standing = allowed          ? Standing::kAllowed
                          : row.same_power ? Standing::kPortable
                                           : Standing::kNever;
    plan.result.suggestions.push_back({call, std::string(row.also), std::string(row.reason), standing});
  }
  return {};
}

}  // namespace whittle::optimize
