// Calls that a recording can miss though the workload may make them at any moment.
#include "optimize/passes/pass.h"

namespace whittle::optimize {
namespace {

struct Row {
  std::string_view seen, call, abis, because;
};
constexpr Row kRows[] = {
#include "essentials.inc"
};

}  // namespace

Result<void> AddEssentials(Plan& plan) {
  // Looked at before any is added: an essential call does not bring its own.
  const auto seen = plan.result.grants;
  for (const auto& row : kRows) {
    if (row.seen != kAnyProgram && !seen.contains(std::string(row.seen))) continue;
    if (!ConcernsAnAbi(plan, row.call, row.abis)) continue;
    GrantCall(plan, row.call, {Origin::kEssential, {}, std::string(row.because), {}});
  }
  return {};
}

}  // namespace whittle::optimize
