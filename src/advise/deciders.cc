#include "advise/deciders.h"

#include "filter/compile.h"

namespace whittle::advise {

std::vector<std::optional<Decider>> DecidersOf(const profile::Document& document,
                                               const filter::Meaning& meaning, const Diff& diff) {
  std::vector<std::optional<Decider>> deciders(diff.changes.size());
  if (meaning.state != filter::Compiled::State::kFiltered) return deciders;
  for (size_t i = 0; i < deciders.size(); ++i) {
    const auto call = ExampleCall(diff.changes[i]);
    if (!call) continue;
    const auto decision = filter::Decide(meaning, *call);
    Decider& decider = deciders[i].emplace();
    decider.rule = decision.rule;
    if (decision.rule >= 0) decider.at = document.rules[static_cast<size_t>(decision.rule)].at;
    if (decision.quirk != filter::Quirk::kNone) decider.habit = filter::Describe(decision.quirk).name;
  }
  return deciders;
}

}  // namespace whittle::advise
