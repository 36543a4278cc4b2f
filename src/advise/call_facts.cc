#include "advise/call_facts.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "profile/catalogue.h"
#include "profile/document.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using filter::Compiled;
using optimize::Need;

void ListNumbers(CallFacts& facts) {
  for (const Abi abi : AllAbis()) {
    if (const auto number = SyscallNumber(abi, facts.name)) {
      facts.numbers.push_back({abi, *number});
    } else {
      facts.absent.push_back(abi);
    }
  }
}

void ListArguments(CallFacts& facts, Abi abi) {
  const auto number = SyscallNumber(abi, facts.name);
  if (!number) return;
  for (uint32_t i = 0; i < ArgumentCount(abi, *number); ++i)
    facts.arguments.push_back({KindOfArgument(facts.name, i), ValuesOfArgument(abi, facts.name, i)});
}

int Weight(Need need) { return need == Need::kNeeded ? 2 : need == Need::kUnknown ? 1 : 0; }

void ListRuntimes(CallFacts& facts) {
  std::map<std::pair<std::string, std::string>, Need> uses;
  for (const auto& row : optimize::MeasuredBaselines()) {
    if (row.call != facts.name) continue;
    const std::string runtime =
        row.runtime == "none" ? "whittle run" : fmt::format("{} {}", row.runtime, row.version.Text());
    const auto [use, added] = uses.try_emplace({runtime, row.phase}, row.need);
    if (!added && Weight(row.need) > Weight(use->second)) use->second = row.need;
  }
  for (const auto& [key, need] : uses) facts.runtimes.push_back({key.first, key.second, need});
}

void ListNeeds(CallFacts& facts, Abi abi) {
  for (const auto& need : StartNeeds()) {
    const auto calls = Split(need.calls, ' ');
    if (std::ranges::find(calls, facts.name) != calls.end()) facts.start_needs.push_back(need);
  }
  for (const auto& row : optimize::Essentials()) {
    if (row.call == facts.name) facts.essentials.push_back(row);
  }
  facts.fallback = SyscallFallback(abi, facts.name);
  for (const auto name : AllSyscallNames()) {
    const auto fallback = SyscallFallback(abi, name);
    if (!fallback || !SyscallNumber(abi, name)) continue;
    const auto words = Split(fallback->also, ' ');  // "waitid and kill"
    if (std::ranges::find(words, facts.name) != words.end())
      facts.fallback_of.push_back({name, fallback->reason});
  }
}

void TakeWay(std::string_view call, std::string_view reason, std::vector<OtherWay>& ways) {
  if (std::ranges::find(ways, call, &OtherWay::call) == ways.end()) ways.push_back({call, reason});
}

// A reason speaks of one direction; the other may have a row, and a reason, of its own.
void ListEquivalents(CallFacts& facts) {
  for (const auto& row : Equivalents()) {
    if (row.call == facts.name) TakeWay(row.also, row.reason, facts.equivalents);
    if (row.call.empty() && row.also == facts.name) facts.any_program.push_back(row.reason);
  }
  for (const auto& row : Equivalents()) {
    if (!row.call.empty() && row.also == facts.name) TakeWay(row.call, "", facts.equivalents);
  }
}

void ListDetours(CallFacts& facts) {
  for (const auto& row : Detours()) {
    if (row.call == facts.name) TakeWay(row.also, row.reason, facts.detours);
    if (row.back && row.also == facts.name) TakeWay(row.call, row.reason, facts.detours);
  }
}

Result<void> AskCatalogue(CallFacts& facts, const profile::Target& target) {
  const auto number = SyscallNumber(target.arch, facts.name);
  if (!number) return {};
  for (const auto& entry : profile::Catalogue()) {
    const auto document = TRY(profile::ReadCatalogue(entry.name));
    const auto judge = TRY(optimize::Judge::Create(document, target));
    CatalogueAnswer answer{entry.name, judge.compiled().state == Compiled::State::kFiltered, {}};
    if (answer.filtered) answer.answer = TRY(judge.Ask(target.arch, *number));
    facts.catalogue.push_back(std::move(answer));
  }
  return {};
}

}  // namespace

Result<CallFacts> FactsOfCall(std::string_view name, const profile::Target& target) {
  CallFacts facts;
  facts.name = name;
  facts.meaning = SyscallMeaning(name);
  facts.group = SyscallGroup(name);
  ListNumbers(facts);
  ListArguments(facts, target.arch);
  ListRuntimes(facts);
  ListNeeds(facts, target.arch);
  ListEquivalents(facts);
  ListDetours(facts);
  facts.risk = SyscallRisk(name);
  facts.capability = SyscallCapability(name);
  facts.flaws = CvePairsOf(name);
  TRY(AskCatalogue(facts, target));
  return facts;
}

}  // namespace whittle::advise
