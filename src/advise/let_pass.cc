#include "advise/let_pass.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "filter/meaning.h"
#include "optimize/judge.h"
#include "profile/edit.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using profile::Action;
using profile::Document;
using profile::Rule;
using profile::Target;

// Empty if the document lets all pass that is wanted, else what still gets another answer.
using Ask = std::function<Result<std::string>(const Document&)>;

bool Names(const Rule& rule, std::string_view call) {
  return rule.legacy_name == call || std::ranges::find(rule.names, call) != rule.names.end();
}

bool Refuses(const Rule& rule, const std::string& call) {
  return profile::Blocks(rule.action) && Names(rule, call);
}

// Without the calls in rules that refuse them. `said`: where they were.
Document WithoutRefusals(Document document, const std::vector<std::string>& calls,
                         std::vector<std::string>& said) {
  for (size_t i = 0; i < document.rules.size(); ++i) {
    Rule& rule = document.rules[i];
    std::vector<std::string> out;
    for (const auto& call : calls) {
      if (Refuses(rule, call)) out.push_back(call);
    }
    if (out.empty()) continue;
    said.push_back(fmt::format("take {} out of {}{}", Join(out, ", "), optimize::RuleText(document, i),
                               rule.at.line == 0 ? " (counted from 0)" : ""));
    std::erase_if(rule.names, [&](const auto& name) { return std::ranges::find(out, name) != out.end(); });
    if (std::ranges::find(out, rule.legacy_name) != out.end()) rule.legacy_name.clear();
  }
  std::erase_if(document.rules,
                [](const Rule& rule) { return rule.names.empty() && rule.legacy_name.empty(); });
  return document;
}

// The least change of these that works: none, the rule, the rule where nothing refuses any more, the latter
// alone.
Result<LetPass> Least(const Document& document, const std::vector<std::string>& calls, const Rule& rule,
                      const Ask& ask) {
  LetPass change;
  change.passes = change.proven = TRY(ask(document)).empty();
  if (change.passes) return change;
  change.add = true;
  Document with = document;
  with.rules.push_back(rule);
  if (TRY(ask(with)).empty()) {
    change.proven = true;
    return change;
  }
  Document without = WithoutRefusals(document, calls, change.take_out);
  if (!change.take_out.empty() && TRY(ask(without)).empty()) {
    change.add = false;
    change.proven = true;
    return change;
  }
  without.rules.push_back(rule);
  change.still = TRY(ask(without));
  change.proven = change.still.empty();
  return change;
}

// For every ABI that the filter has rules for.
Result<std::string> AskForAll(const Document& document, const Target& target,
                              const std::vector<std::string>& calls) {
  const auto judge = TRY(optimize::Judge::Create(document, target));
  if (judge.compiled().state == filter::Compiled::State::kUnconfined) return std::string();
  if (judge.compiled().state != filter::Compiled::State::kFiltered) return judge.compiled().LocatedWhy();
  const auto meaning = filter::MeaningOf(document, target);
  for (const auto& rules : meaning.abis) {
    for (const auto& call : calls) {
      const auto number = SyscallNumber(rules.abi(), call);
      if (!number) continue;
      const auto answer = TRY(judge.Ask(rules.abi(), *number));
      if (answer.kind == optimize::Answer::Kind::kAllowed) continue;
      return fmt::format("{} still gets {}", call, answer.verdict);
    }
  }
  return std::string();
}

}  // namespace

Result<LetPass> ChangesToLetPass(const Document& document, const Target& target,
                                 const std::vector<std::string>& calls) {
  Rule rule;
  rule.names = calls;
  rule.action = Action::kAllow;
  return Least(document, calls, rule,
               [&](const Document& changed) { return AskForAll(changed, target, calls); });
}

Result<LetPass> ChangesToLetPass(const Document& document, const Target& target, const filter::Call& call,
                                 const Rule& rule) {
  const auto ask = [&](const Document& changed) -> Result<std::string> {
    const auto meaning = filter::MeaningOf(changed, target);
    if (meaning.state == filter::Compiled::State::kUnconfined) return std::string();
    if (meaning.state != filter::Compiled::State::kFiltered) return meaning.why;
    const auto decision = filter::Decide(meaning, call);
    if (!profile::Blocks(decision.action)) return std::string();
    return fmt::format("{} still gets {}", SyscallText(call.abi, call.number),
                       profile::VerdictText(decision.action, decision.data));
  };
  return Least(document, rule.names, rule, ask);
}

Result<bool> AddingLetsPass(const Document& document, const Target& target,
                            const std::vector<std::string>& calls) {
  const auto edited = profile::Apply(document, {{}, calls, {}});
  return edited && TRY(AskForAll(edited->document, target, calls)).empty();
}

}  // namespace whittle::advise
