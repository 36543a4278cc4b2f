// With --args all: a call whose arguments the evidence tells, every time that it was seen, is allowed with
// those only. Not what is granted for other reasons than being seen (the runtime's own calls, what a
// recording can miss): nobody knows their arguments.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "filter/library.h"
#include "optimize/passes/pass.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using Seen = evidence::Arguments;

// What was seen of each call that the workload needs, on all ABIs.
std::map<std::string, Seen> ArgumentsSeen(const Plan& plan) {
  std::map<std::string, Seen> seen;
  for (const auto& [subject, calls] : plan.evidence.subjects) {
    if (subject.arrival != evidence::Arrival::kWorkload) continue;
    for (const auto& [key, observation] : calls) {
      const auto name = SyscallName(key.abi, key.number);
      if (!name || !IsWanted(plan, key)) continue;
      const auto [known, is_new] = seen.try_emplace(std::string(*name), observation.arguments);
      if (!is_new) known->second.Join(observation.arguments);
    }
  }
  return seen;
}

// A rule holds on every ABI of the profile: the arguments must stand in the same places there, in registers.
bool IsSameEverywhere(const Plan& plan, const std::string& call, const Seen& arguments) {
  return std::ranges::all_of(plan.abis, [&](Abi abi) {
    if (filter::IsMultiplexed(abi, call)) return false;
    const auto number = SyscallNumber(abi, call);
    return !number || evidence::KeptArguments(abi, *number) == arguments.indices();
  });
}

std::string NarrowedText(const Plan& plan) {
  std::vector<std::string> names;
  for (const auto& [call, arguments] : plan.result.narrowed) names.push_back(call);
  return Join(names, ", ");
}

}  // namespace

Result<void> NarrowArguments(Plan& plan) {
  if (plan.options.arguments != optimize::Arguments::kAll) return {};
  for (auto& [call, arguments] : ArgumentsSeen(plan)) {
    const auto grant = plan.result.grants.find(call);
    const bool can = grant != plan.result.grants.end() && grant->second.origin == Origin::kWorkload &&
                     !plan.with_any_arguments.contains(call) && arguments.known();
    if (can && IsSameEverywhere(plan, call, arguments)) plan.result.narrowed.emplace(call, arguments);
  }
  if (plan.result.narrowed.empty()) {
    plan.result.warnings.push_back(
        "--args all adds nothing: the evidence does not tell the arguments of any call that could be "
        "narrowed "
        "(traces of strace and perf tell them; the recorder and records of refusals do not)");
  } else {
    plan.result.warnings.push_back(fmt::format(
        "allowed with the arguments that were seen only: {}: a run that uses others is refused them",
        NarrowedText(plan)));
  }
  return {};
}

}  // namespace whittle::optimize
