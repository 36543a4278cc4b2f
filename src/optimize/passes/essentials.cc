// Calls that a recording can miss though the workload may make them at any moment.
#include "optimize/essentials.h"

#include "optimize/passes/pass.h"

namespace whittle::optimize {
namespace {

constexpr Essential kRows[] = {
#include "essentials.inc"
};

}  // namespace

std::span<const Essential> Essentials() { return kRows; }

Result<void> AddEssentials(Plan& plan) {
  // Looked at before any is added: an essential call does not bring its own.
  const auto seen = plan.result.grants;
  for (const auto& row : Essentials()) {
    if (row.seen != kAnyProgram && !seen.contains(std::string(row.seen))) continue;
    if (!ConcernsAnAbi(plan, row.call, row.abis)) continue;
    GrantCall(plan, row.call, {Origin::kEssential, {}, std::string(row.because), {}});
  }
  return {};
}

}  // namespace whittle::optimize
