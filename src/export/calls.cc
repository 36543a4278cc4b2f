#include "export/calls.h"

#include <algorithm>
#include <map>

#include "profile/library_names.h"
#include "prove/outcomes.h"
#include "syscalls/table.h"

namespace whittle::exporting {
namespace {

// A call that the table has no name for any more (uselib): the one that the document calls it by.
std::string NameInRule(const profile::Document& document, int rule, Abi abi, uint32_t number) {
  if (rule < 0 || static_cast<size_t>(rule) >= document.rules.size()) return "";
  const auto& of = document.rules[static_cast<size_t>(rule)];
  auto names = of.names;
  names.push_back(of.legacy_name);
  for (const auto& name : names) {
    if (profile::LibraryNumber(abi, name) == number) return name;
  }
  return "";
}

void AddAnswer(std::vector<filter::Decision>& answers, const filter::Decision& answer) {
  const auto same = [&](const filter::Decision& other) {
    return filter::ReturnOf(other) == filter::ReturnOf(answer);
  };
  if (std::ranges::none_of(answers, same)) answers.push_back(answer);
}

ListedCall Listed(const filter::Meaning& meaning, Abi abi, uint32_t number, std::string name) {
  const auto resolution = filter::Resolve(meaning, abi, number);
  ListedCall call{std::move(name), number, {}, resolution.decision, {}, resolution.decision.rule};
  bool open = true;
  if (resolution.rules != nullptr) {
    for (const auto& rule : *resolution.rules) {
      if (!open) break;
      if (call.rules.empty()) call.rule = rule.rule;
      AddAnswer(call.answers, {rule.action, rule.data, rule.rule, rule.quirk});
      call.rules.push_back(rule);
      open = !rule.conditions.empty();
    }
  }
  if (open) AddAnswer(call.answers, resolution.decision);
  return call;
}

// Rules whose conditions contradict each other, or that others leave nothing to, give no answer.
void LeavePossible(ListedCall& call, Abi abi, const prove::Oracle& oracle) {
  const auto outcomes = oracle.Of(abi, call.number);
  if (!outcomes.decided || outcomes.more) return;
  std::erase_if(call.answers, [&](const filter::Decision& answer) {
    return std::ranges::none_of(outcomes.possible, [&](const prove::Outcome& outcome) {
      return profile::ReturnValue(outcome.action, outcome.data) == filter::ReturnOf(answer);
    });
  });
}

}  // namespace

filter::Meaning WithoutStub(const Source& source) {
  filter::Meaning meaning = *source.compiled.meaning;
  meaning.stub_above.clear();
  meaning.stub_at_zero = false;
  return meaning;
}

Result<std::vector<ListedCall>> CallsOf(const Source& source, const filter::Meaning& meaning, Abi abi) {
  std::map<std::string, uint32_t> numbers;
  for (const auto name : AllSyscallNames()) {
    if (const auto number = SyscallNumber(abi, name)) numbers.emplace(name, *number);
  }
  for (const auto& rules : meaning.abis) {
    if (rules.abi() != abi) continue;
    for (const auto& [number, list] : rules.calls()) {
      if (list.empty() || SyscallName(abi, number)) continue;
      const std::string name = NameInRule(source.document, list.front().rule, abi, number);
      if (!name.empty()) numbers.emplace(name, number);
    }
  }
  const auto program = TRY(filter::ProgramOf(meaning, source.document, filter::PassSet::All()));
  const auto oracle = TRY(prove::Oracle::Create(std::span(&program, 1)));
  std::vector<ListedCall> calls;
  for (const auto& [name, number] : numbers) {
    calls.push_back(Listed(meaning, abi, number, name));
    if (calls.back().answers.size() > 1) LeavePossible(calls.back(), abi, oracle);
    if (calls.back().answers.size() == 1) calls.back().rules.clear();
  }
  return calls;
}

bool SomePass(const ListedCall& call) {
  return std::ranges::any_of(call.answers,
                             [](const filter::Decision& answer) { return !profile::Blocks(answer.action); });
}

bool AllPass(const ListedCall& call) {
  return std::ranges::none_of(call.answers,
                              [](const filter::Decision& answer) { return profile::Blocks(answer.action); });
}

}  // namespace whittle::exporting
