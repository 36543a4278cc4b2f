#include "lint/fates.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "lint/trial.h"
#include "profile/library_names.h"

namespace whittle::lint {
namespace {

using filter::FlatRule;
using filter::Quirk;

// Whose fault it is that a rule for a call is not there: the first that asks nothing else than what it asks.
Cover LeftOutBy(const std::vector<FlatRule>& rules, const profile::Rule& lost) {
  const uint32_t data = profile::TakesErrno(lost.action) ? lost.errno_return.value_or(EPERM) : 0;
  const FlatRule as_flat{{}, lost.action, static_cast<uint16_t>(data)};
  const auto asked_of_it = [&](const profile::Condition& condition) {
    return std::ranges::find(lost.conditions, condition) != lost.conditions.end();
  };
  const auto covers = [&](const FlatRule& flat) { return std::ranges::all_of(flat.conditions, asked_of_it); };
  const auto does_the_same = [&](const FlatRule& flat) { return SameAnswer(flat, as_flat); };
  const auto winner = std::ranges::find_if(rules, covers);
  if (winner == rules.end()) return {&rules.front(), std::ranges::all_of(rules, does_the_same)};
  // Without conditions it wins over one with them, whose conditions are lost.
  const bool asks_less = winner->conditions.empty() && !lost.conditions.empty();
  return {&*winner, !asks_less && does_the_same(*winner)};
}

void Lose(Fate& fate, const profile::Rule& lost, const Cover& to) {
  fate.lost = true;
  fate.same = fate.same && to.same;
  if (fate.winner >= 0) return;
  fate.winner = to.by->rule;
  fate.whatever = to.by->conditions.empty();
  fate.wider = to.by->conditions != lost.conditions;
}

// Where other rules have conditions it is what holds if none of them does, which the default says as well.
void JudgeDropped(const Place& place, Fate& fate, std::string_view name) {
  if (!profile::LibraryKnows(name, place.target.libseccomp)) return;
  for (const auto& abi : place.meaning.abis) {
    const auto number = profile::LibraryNumber(abi.abi(), name);
    if (!number) continue;
    fate.redundant = true;
    const auto call = abi.calls().find(*number);
    const bool decided =
        call != abi.calls().end() && !call->second.empty() && call->second.front().conditions.empty();
    if (!decided) continue;
    fate.overruled = true;
    fate.winner = call->second.front().rule;
  }
}

// What one place adds.
class Judge {
 public:
  Judge(const Subject& subject, const Place& place, Families& families, size_t& looks_left)
      : subject_(subject),
        place_(place),
        rules_at_(place.meaning, looks_left),
        trial_(families, place, looks_left),
        selected_(subject.document()->rules.size(), true),
        dropped_(selected_.size()) {
    for (const auto& note : place.meaning.notes) {
      if (note.rule < 0) continue;
      const auto rule = static_cast<size_t>(note.rule);
      if (note.quirk == Quirk::kNotSelected) selected_[rule] = false;
      if (note.quirk == Quirk::kRedundantRule) dropped_[rule].insert(note.what);
    }
  }

  void Entry(size_t entry, std::map<std::string_view, Fate>& fates) {
    if (!selected_[entry]) return;
    for (auto& [name, fate] : fates) {
      if (dropped_[entry].contains(name)) {
        JudgeDropped(place_, fate, name);
      } else {
        Name(entry, name, fate);
      }
    }
  }

 private:
  void Name(size_t entry, std::string_view name, Fate& fate) {
    if (fate.alive || !profile::LibraryKnows(name, place_.target.libseccomp)) return;
    bool covered = false;
    for (const auto& abi : place_.meaning.abis) {
      const auto number = profile::LibraryNumber(abi.abi(), name);
      const auto call = number ? abi.calls().find(*number) : abi.calls().end();
      if (call == abi.calls().end() || call->second.empty()) continue;
      const auto& rules = call->second;
      const Cover* cover = rules_at_.CoverOf(rules, static_cast<int>(entry));
      fate.alive = rules_at_.Alive(rules, static_cast<int>(entry));
      if (cover != nullptr) covered = true;
      if (fate.alive) return;
      const auto& lost = subject_.document()->rules[entry];
      Lose(fate, lost, cover != nullptr ? *cover : LeftOutBy(rules, lost));
    }
    if (covered) fate.alive = !trial_.ChangesNothing(entry, name);
  }

  const Subject& subject_;
  const Place& place_;
  const RulesAt rules_at_;
  Trial trial_;
  std::vector<bool> selected_;
  std::vector<std::set<std::string_view>> dropped_;
};

}  // namespace

Fates::Fates(const Subject& subject, size_t& looks_left) : fates_(subject.document()->rules.size()) {
  for (size_t i = 0; i < fates_.size(); ++i) {
    for (const auto& name : subject.CallsOf(i)) fates_[i].try_emplace(name);
  }
  // Where the default's errno is passed over, which is told of, other entries do what the default does.
  const auto ignores = [](const Place& place) { return place.Ignores("defaultErrnoRet"); };
  const bool all_ignore = std::ranges::all_of(subject.places(), ignores);
  Families families(subject);
  for (const auto& place : subject.places()) {
    if (ignores(place) && !all_ignore) continue;
    // Who ignores includes and excludes makes clashes of what was never meant to meet.
    const bool misread = place.target.loader == profile::Loader::kOci && subject.has_docker_members();
    if (!place.filtered() || !place.meaning.oversized.empty() || misread) continue;
    Judge judge(subject, place, families, looks_left);
    for (size_t i = 0; i < fates_.size(); ++i) judge.Entry(i, fates_[i]);
  }
}

}  // namespace whittle::lint
