#include "cli/disasm_cost.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "filter/cache.h"
#include "prove/cost.h"

namespace whittle::cli {
namespace {

using prove::CallCost;

std::string_view PassageText(prove::Passage passage) {
  constexpr std::string_view kTexts[] = {"allowed", "logged", "by-arguments", "refused"};
  return kTexts[static_cast<size_t>(passage)];
}

std::vector<CallCost> CachedFirst(const CostQuestion& question, const prove::Oracle& oracle, Abi abi) {
  auto costs = prove::CostsOf(oracle, question.programs, abi, question.kernel, question.native);
  std::ranges::stable_partition(costs, &CallCost::cached);
  return costs;
}

std::string SummaryOf(const CostQuestion& question, Abi abi, std::span<const CallCost> costs) {
  if (!filter::HasVerdictCache(question.kernel, question.native, abi)) {
    return fmt::format("{}: kernel {} has no cache of verdicts for it, the filter runs at every call",
                       AbiName(abi), question.kernel.Text());
  }
  return fmt::format(
      "{}: kernel {} serves {} calls from its cache of verdicts, for the other {} and every unknown number "
      "the "
      "filter runs",
      AbiName(abi), question.kernel.Text(), std::ranges::count_if(costs, &CallCost::cached),
      std::ranges::count_if(costs, std::not_fn(&CallCost::cached)));
}

}  // namespace

void PrintCosts(const CostQuestion& question, const prove::Oracle& oracle) {
  for (const Abi abi : question.abis) {
    if (const auto verdict = prove::KilledAsAWhole(oracle, abi)) {
      fmt::print(stderr, "{}: every call gets {}\n", AbiName(abi), *verdict);
      continue;
    }
    const auto costs = CachedFirst(question, oracle, abi);
    fmt::print(stderr, "{}\n", SummaryOf(question, abi, costs));
    for (const auto& cost : costs) {
      fmt::print("{}\t{}\t{}\t{}\t{}\n", AbiName(abi), cost.name, cost.cached ? "cached" : "runs-filter",
                 cost.steps, PassageText(cost.passage));
    }
  }
}

json::Value CostsJson(const CostQuestion& question, const prove::Oracle& oracle) {
  std::vector<json::Value> calls, killed;
  for (const Abi abi : question.abis) {
    if (prove::KilledAsAWhole(oracle, abi)) {
      killed.emplace_back(AbiName(abi));
      continue;
    }
    for (const auto& cost : CachedFirst(question, oracle, abi)) {
      calls.push_back(json::Object({{"abi", AbiName(abi)},
                                    {"call", cost.name},
                                    {"number", cost.number},
                                    {"cached", cost.cached},
                                    {"steps", cost.steps},
                                    {"passes", PassageText(cost.passage)}}));
    }
  }
  return json::Object({{"kernel", question.kernel.Text()}, {"calls", json::Array(std::move(calls))},
                       {"killed_as_a_whole", json::Array(std::move(killed))}});
}

}  // namespace whittle::cli
