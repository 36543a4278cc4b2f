#include "prove/cost.h"

#include <algorithm>

#include "filter/cache.h"
#include "prove/answers.h"
#include "syscalls/table.h"

namespace whittle::prove {

std::optional<std::string> KilledAsAWhole(const Oracle& oracle, Abi abi) {
  const AbiAnswers answers = AnswersOf(oracle, abi);
  const auto& every = answers.unknown.possible.front();
  if (every.action > profile::Action::kKillThread) return std::nullopt;
  const auto same = [&](const Outcomes& outcomes) {
    return outcomes.always() && outcomes.possible.front().action == every.action;
  };
  const bool all = same(answers.unknown) && std::ranges::all_of(answers.calls, same, &CallAnswer::outcomes);
  return all ? std::optional(profile::VerdictText(every.action, every.data)) : std::nullopt;
}

std::vector<CallCost> CostsOf(const Oracle& oracle, std::span<const filter::Program> programs, Abi abi,
                              const profile::Version& kernel, Abi native) {
  const bool has_cache = filter::HasVerdictCache(kernel, native, abi);
  std::vector<CallCost> costs;
  for (const auto name : AllSyscallNames()) {
    const auto number = SyscallNumber(abi, name);
    if (!number) continue;
    const auto outcomes = oracle.Of(abi, *number);
    CallCost cost{name, *number, has_cache && filter::IsConstantAllow(programs, abi, *number), 0,
                  PassageOf(outcomes)};
    if (!cost.cached) {
      for (const auto& outcome : outcomes.possible) cost.steps = std::max(cost.steps, outcome.steps);
    }
    costs.push_back(cost);
  }
  return costs;
}

}  // namespace whittle::prove
