// Adds what the runtime itself calls once its filter is in force. Both phases: `docker exec` and health
// checks enter a container under the same filter.
#include "optimize/baseline.h"

#include <fmt/core.h>

#include <algorithm>

#include "optimize/passes/pass.h"

namespace whittle::optimize {

namespace {

// A list of names does not say whose it is.
std::string WhoseText(const Baseline& baseline) {
  const bool is_list = !baseline.rows.empty() && baseline.rows.front().starts == 0;
  return is_list ? fmt::format("the runtime ({})", baseline.measured) : baseline.measured;
}

}  // namespace

Result<void> AddBaseline(Plan& plan) {
  const Baseline baseline = plan.options.baseline ? *plan.options.baseline : BaselineFor(plan.options.target);
  uint64_t starts = 0;
  std::string shared;
  for (const auto& row : baseline.rows) {
    if (row.phase == "start") starts = std::max(starts, row.starts);
    GrantCall(plan, row.call, {Origin::kRuntime, {}, row.reason, {}});
  }
  for (const auto& [call, grant] : plan.result.grants) {
    const bool needed = std::ranges::any_of(baseline.rows, [&](const auto& row) { return row.call == call; });
    if (needed && grant.origin != Origin::kRuntime) shared += (shared.empty() ? "" : " ") + call;
  }
  if (!baseline.rows.empty()) {
    plan.baseline_comment = fmt::format(
        "needed by {} itself, after its filter is in force and before the program runs, and by docker exec "
        "and "
        "health checks ({}). Without them no container starts, with nothing in its logs. Of "
        "the "
        "calls listed elsewhere it also needs: {}",
        WhoseText(baseline), starts == 0 ? "a list of the user's" : fmt::format("{} starts measured", starts),
        shared.empty() ? "none" : shared);
  }
  if (!baseline.doubt.empty()) plan.result.warnings.push_back("the runtime's own calls: " + baseline.doubt);
  return {};
}

}  // namespace whittle::optimize
