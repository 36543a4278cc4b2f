#include "report/json.h"

#include <algorithm>

#include "base/text.h"
#include "report/story.h"
#include "report/summary.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using json::Value;

Value Names(const Facts& facts, const CallSet& calls) {
  Value list = json::Array();
  for (const auto& call : calls) list.items.emplace_back(CallName(facts, call));
  return list;
}

Value OpenNames(const Facts& facts, const std::set<uint32_t>& numbers) {
  Value list = json::Array();
  for (const uint32_t number : numbers) list.items.emplace_back(SyscallText(facts.target.arch, number));
  return list;
}

Value ProfileJson(const Facts& facts) {
  const auto& profile = *facts.profile;
  const auto& verification = profile.verification;
  return json::Object({{"filtered", profile.filtered},
                       {"why", profile.why},
                       {"open", profile.open.size()},
                       {"of_workload", profile.of_workload},
                       {"of_runtime", profile.of_runtime},
                       {"other", profile.other},
                       {"calls", OpenNames(facts, profile.open)},
                       {"verified", verification.passed()},
                       {"observations", verification.observations},
                       {"refused", verification.refused.size()},
                       {"depends", verification.depends.size()},
                       {"baseline_refused", verification.baseline_refused.size()}});
}

Value AfterJson(const Facts& facts) {
  const auto& after = *facts.after;
  CallSet refused;
  for (const auto& [executable, calls] : after.refused) refused.insert(calls.begin(), calls.end());
  return json::Object({{"under_filter", after.under_filter},
                       {"refusals_watched", after.refusals_watched},
                       {"complete", after.complete},
                       {"made_again", after.made_again},
                       {"not_made", Names(facts, after.not_made)},
                       {"new", Names(facts, after.new_calls)},
                       {"without_filter", Names(facts, after.without_filter)},
                       {"refused", Names(facts, refused)},
                       {"clone3_replaced", after.clone3_replaced}});
}

Value AttacksJson(const std::vector<Attack>& attacks) {
  Value list = json::Array();
  for (const auto& attack : attacks) {
    list.items.push_back(json::Object({{"call", Printable(attack.call)},
                                       {"name", Printable(attack.name)},
                                       {"outcome", attack.outcome},
                                       {"error", Printable(attack.error)}}));
  }
  return list;
}

}  // namespace

Value ReportJson(const Facts& facts) {
  Value value = json::Object({{"title", Printable(facts.title)},
                              {"target", facts.target.Text()},
                              {"known", facts.known},
                              {"made", facts.made.size()},
                              {"docker_default", facts.default_open.size()},
                              {"docker_default_target", facts.default_target},
                              {"workload", Names(facts, facts.made)},
                              {"evidence", SummaryJson(facts.evidence)}});
  if (facts.profile) {
    value.Set("profile", ProfileJson(facts));
    value.Set("closed", facts.closed.size());
    value.Set("flaws", json::Object({{"published_pairs", facts.flaws.published_pairs},
                                     {"derived_pairs", facts.flaws.derived_pairs},
                                     {"cves", facts.flaws.cves}}));
  }
  if (facts.after) value.Set("after", AfterJson(facts));
  if (facts.attacks) value.Set("attacks", AttacksJson(*facts.attacks));
  return value;
}

}  // namespace whittle::report
