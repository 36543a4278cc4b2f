#include "filter/explain.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

#include "filter/compile.h"
#include "filter/meaning.h"
#include "syscalls/table.h"

namespace whittle::filter {
namespace {

using profile::Condition;
using profile::Operator;

bool Matches(std::span<const Condition> conditions, const Call& call) {
  return std::ranges::all_of(conditions, [&](const Condition& condition) {
    return condition.Matches(call.arguments[condition.index]);
  });
}

std::string HabitText(Quirk habit, const std::string& member) {
  const auto& row = Describe(habit);
  return fmt::format("{}: {}{}", row.name, row.text, member.empty() ? "" : " (" + member + ")");
}

}  // namespace

// What is known of the document, by what is asked for.
struct Explainer::Parts {
  profile::Document document;
  std::shared_ptr<const Meaning> meaning;
  Program program;
  std::unordered_map<std::string_view, std::vector<int>> naming;  // rules by the names in them
  std::unordered_map<int, std::vector<const Note*>> notes;        // by rule

  void Index();
  const Note* NoteOn(int rule, std::string_view name, auto&& wanted) const;
  std::string DefaultText() const;
  std::string HabitOfDecider(const Decision& decision, std::string_view name, const Call& call) const;
  Loser LoserOf(int rule, std::string_view name, const Call& call) const;
};

void Explainer::Parts::Index() {
  for (size_t i = 0; i < document.rules.size(); ++i) {
    const auto& rule = document.rules[i];
    const auto add = [&](std::string_view name) {
      auto& rules = naming[name];
      if (rules.empty() || rules.back() != static_cast<int>(i)) rules.push_back(static_cast<int>(i));
    };
    for (const auto& name : rule.names) add(name);
    if (!rule.legacy_name.empty()) add(rule.legacy_name);
  }
  for (const auto& note : meaning->notes) notes[note.rule].push_back(&note);
}

// The first note on a rule that is about the whole of it, or about this call.
const Note* Explainer::Parts::NoteOn(int rule, std::string_view name, auto&& wanted) const {
  const auto found = notes.find(rule);
  if (found == notes.end()) return nullptr;
  const auto is_it = [&](const Note* note) {
    const bool whole = note->quirk == Quirk::kNotSelected || note->quirk == Quirk::kIgnoredMember;
    return wanted(*note) && (whole || note->what == name);
  };
  const auto note = std::ranges::find_if(found->second, is_it);
  return note == found->second.end() ? nullptr : *note;
}

std::string Explainer::Parts::DefaultText() const {
  std::string text = HabitText(Quirk::kDefaultAction, "");
  for (const auto& member : IgnoredMembers(*meaning)) {
    if (member == "defaultErrnoRet" || member == "defaultErrno") text += "; this loader ignores " + member;
  }
  return text;
}

// A habit without which the rule would not have decided.
std::string Explainer::Parts::HabitOfDecider(const Decision& decision, std::string_view name,
                                             const Call& call) const {
  if (decision.quirk == Quirk::kDefaultAction) return DefaultText();
  if (decision.quirk != Quirk::kNone) return HabitText(decision.quirk, "");
  const Note* ignored = NoteOn(decision.rule, name, [](const Note& note) {
    return note.quirk == Quirk::kIgnoredMember && note.what != "name";
  });
  if (ignored != nullptr) return HabitText(Quirk::kIgnoredMember, ignored->what);
  std::vector<Condition> conditions = document.rules[static_cast<size_t>(decision.rule)].conditions;
  if (Matches(conditions, call)) return "";
  for (auto& condition : conditions) {
    if (condition.op == Operator::kMaskedEqual) condition.value_two &= condition.value;
  }
  if (Matches(conditions, call)) return HabitText(Quirk::kMaskedValue, "");
  const auto six = [](const Note& note) { return note.quirk == Quirk::kSixConditions; };
  return HabitText(NoteOn(decision.rule, name, six) ? Quirk::kSixConditions : Quirk::kNarrowArguments, "");
}

// Why a rule that holds as it is written did not decide.
Loser Explainer::Parts::LoserOf(int rule, std::string_view name, const Call& call) const {
  const Note* note = NoteOn(rule, name, [](const Note& of) {
    return of.quirk == Quirk::kNotSelected || of.quirk == Quirk::kRedundantRule ||
           of.quirk == Quirk::kUnknownName || (of.quirk == Quirk::kIgnoredMember && of.what == "name");
  });
  if (note != nullptr) return {rule, note->quirk, note->quirk == Quirk::kIgnoredMember ? note->what : ""};
  const Resolution resolution = Resolve(*meaning, call.abi, call.number);
  if (resolution.rules == nullptr) return {rule, Quirk::kUnknownName, ""};
  Call seen = call;
  if (resolution.narrow)
    for (auto& argument : seen.arguments) argument &= UINT32_MAX;
  bool asked = false;
  for (const auto& flat : *resolution.rules) {
    if (flat.rule != rule) continue;
    asked = true;
    if (Matches(flat.conditions, seen)) return {rule, Quirk::kAskedLater, ""};
  }
  return {rule, asked ? Quirk::kNarrowArguments : Quirk::kShadowedRule, ""};
}

Explainer::Explainer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Explainer::~Explainer() = default;
Explainer::Explainer(Explainer&&) noexcept = default;
Explainer& Explainer::operator=(Explainer&&) noexcept = default;

Result<Explainer> Explainer::Create(const profile::Document& document, const Compiled& compiled) {
  if (compiled.state != Compiled::State::kFiltered) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: there is no filter: {}", compiled.where, compiled.why));
  }
  auto parts = std::make_unique<Parts>(Parts{document, compiled.meaning, compiled.program, {}, {}});
  parts->Index();
  return Explainer(std::move(parts));
}

Result<Explanation> Explainer::Explain(const Call& call) const {
  const Decision decision = Decide(*parts_->meaning, call);
  const auto name = SyscallName(call.abi, call.number).value_or("");
  Explanation explanation{Evaluate(parts_->program, call), decision.rule,
                          parts_->HabitOfDecider(decision, name, call), {}};
  if (explanation.verdict.action != decision.action ||
      (profile::CarriesData(decision.action) && explanation.verdict.data != decision.data)) {
    return Fail(ErrorCode::kInternal, "the filter does not do what the document means: please report it");
  }
  const auto naming = parts_->naming.find(name);
  const bool asked = decision.quirk != Quirk::kEnosysStub && decision.quirk != Quirk::kForeignAbi;
  if (name.empty() || naming == parts_->naming.end() || !asked) return explanation;
  for (const int rule : naming->second) {
    const auto& conditions = parts_->document.rules[static_cast<size_t>(rule)].conditions;
    if (rule != decision.rule && Matches(conditions, call))
      explanation.losers.push_back(parts_->LoserOf(rule, name, call));
  }
  return explanation;
}

Result<Explanation> Explain(const profile::Document& document, const profile::Target& target,
                            const Call& call) {
  const auto compiled = TRY(Compile(document, target));
  const auto explainer = TRY(Explainer::Create(document, compiled));
  return explainer.Explain(call);
}

std::string LosersText(const std::vector<Loser>& losers) {
  constexpr size_t kShown = 3;
  std::string text;
  for (size_t i = 0; i < std::min(losers.size(), kShown); ++i) {
    text += fmt::format("{}rule {} names it, but {}", i == 0 ? "" : "; ", losers[i].rule,
                        HabitText(losers[i].habit, losers[i].member));
  }
  if (losers.size() > kShown) text += fmt::format("; and {} more", losers.size() - kShown);
  return text;
}

}  // namespace whittle::filter
