#include <fmt/core.h>

#include "report/diff.h"

namespace whittle::report {
namespace {

using advise::Change;

json::Value Abis(const std::vector<Abi>& abis) {
  std::vector<json::Value> names;
  for (const Abi abi : abis) names.emplace_back(AbiName(abi));
  return json::Array(std::move(names));
}

std::string Text(const filter::Verdict& verdict) {
  return profile::VerdictText(verdict.action, verdict.data);
}

json::Value DeciderJson(const DiffSide& side, const advise::Decider& decider) {
  json::Value value = json::Object();
  if (decider.rule >= 0) {
    value.Set("file", side.name);
    value.Set("rule", decider.rule);
    if (decider.at.line > 0) {
      value.Set("line", decider.at.line);
      value.Set("column", decider.at.column);
    }
  }
  if (!decider.habit.empty()) value.Set("habit", decider.habit);
  return value;
}

std::string_view WhichName(advise::Which which) {
  constexpr std::string_view kNames[] = {"named", "unlisted", "numbers", "every"};
  return kNames[static_cast<size_t>(which)];
}

json::Value ChangeJson(const DiffReport& report, size_t at) {
  const Change& change = report.diff.changes[at];
  json::Value value = json::Object();
  value.Set("change", ChangeName(change.change));
  value.Set("permission", change.permission);
  value.Set("text", ChangeSentence(change, SIZE_MAX - 1));
  value.Set("first", Text(change.first));
  value.Set("second", Text(change.second));
  value.Set("which", WhichName(change.which));
  std::vector<json::Value> calls(change.calls.begin(), change.calls.end());
  value.Set("calls", json::Array(std::move(calls)));
  std::vector<json::Value> numbers;
  for (const auto& range : change.numbers)
    numbers.push_back(json::Object({{"from", range.from}, {"to", range.to}}));
  value.Set("numbers", json::Array(std::move(numbers)));
  value.Set("abis", Abis(change.abis));
  value.Set("everywhere", change.everywhere);
  value.Set("condition", change.condition);
  value.Set("complete", change.complete);
  value.Set("low_halves", Abis(change.low_halves));
  value.Set("example", ExampleText(change));
  const auto decider = [&](const char* name, const DiffSide& side) {
    if (at < side.deciders.size() && side.deciders[at])
      value.Set(name, DeciderJson(side, *side.deciders[at]));
  };
  decider("first_decider", report.first);
  decider("second_decider", report.second);
  return value;
}

json::Value SideJson(const DiffSide& side) {
  json::Value value = json::Object({{"name", side.name}});
  if (!side.target.empty()) value.Set("target", side.target);
  return value;
}

json::Value MembersJson(const DiffReport& report) {
  std::vector<json::Value> members;
  for (const auto& member : report.members) {
    members.push_back(
        json::Object({{"member", member.member}, {"first", member.first}, {"second", member.second}}));
  }
  return json::Array(std::move(members));
}

}  // namespace

json::Value UndecidedJson(const std::vector<prove::Undecided>& undecided) {
  std::vector<json::Value> all;
  for (const auto& calls : undecided) {
    json::Value& value = all.emplace_back(json::Object());
    if (calls.abi) value.Set("abi", AbiName(*calls.abi));
    value.Set("text", prove::UndecidedText(calls));
    value.Set("from", calls.from);
    value.Set("to", calls.to);
  }
  return json::Array(std::move(all));
}

json::Value DiffJson(const DiffReport& report) {
  constexpr std::string_view kAnswers[] = {"equal", "different", "undecided"};
  const auto& diff = report.diff;
  json::Value value = json::Object();
  value.Set("first", SideJson(report.first));
  value.Set("second", SideJson(report.second));
  value.Set("answer", kAnswers[static_cast<size_t>(diff.answer)]);
  const auto set_if_known = [&](const char* name, std::optional<bool> known) {
    if (known) value.Set(name, *known);
  };
  set_if_known("first_allows_nothing_more", diff.first_allows_nothing_more);
  set_if_known("second_allows_nothing_more", diff.second_allows_nothing_more);
  if (diff.second_looser || diff.undecided.empty()) value.Set("second_looser", diff.second_looser);
  value.Set("abis", Abis(diff.abis));
  std::vector<json::Value> changes;
  for (size_t at = 0; at < diff.changes.size(); ++at) changes.push_back(ChangeJson(report, at));
  value.Set("changes", json::Array(std::move(changes)));
  value.Set("listed_all", diff.listed_all);
  value.Set("undecided", UndecidedJson(diff.undecided));
  value.Set("not_in_filter", MembersJson(report));
  return value;
}

}  // namespace whittle::report
