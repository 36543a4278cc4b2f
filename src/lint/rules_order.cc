// Rules for one call that get in each other's way. Who wins is read off the compiled meaning.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <set>

#include "lint/rules.h"
#include "profile/library_names.h"

namespace whittle::lint {
namespace {

using filter::FlatRule;
using filter::Quirk;
using profile::Blocks;

// What became of a rule for one of its names, over all places.
struct Fate {
  bool alive = false;      // decides about some call somewhere
  bool lost = false;       // is left out somewhere because another one wins
  int winner = -1;         // that one
  bool whatever = false;   // which asks nothing
  bool same = true;        // the winner does the same, and asks for as much
  bool redundant = false;  // is dropped since it does what the default does ...
  bool overruled = false;  // ... and another one, without conditions, then decides: `winner`

  bool Shadowed() const { return !alive && (overruled || (lost && !same)); }
  bool Repeats() const { return !alive && !overruled && lost && same; }
  bool Redundant() const { return !alive && !overruled && !lost && redundant; }
};

bool SameAnswer(const FlatRule& rule, const profile::Rule& of) {
  const uint32_t data = profile::TakesErrno(of.action) ? of.errno_return.value_or(EPERM) : 0;
  return profile::ReturnValue(rule.action, rule.data) ==
         profile::ReturnValue(of.action, static_cast<uint16_t>(data));
}

// Which rules of the document are among those of a call.
using Alive = std::set<std::pair<const std::vector<FlatRule>*, int>>;

Alive AliveAt(const Place& place) {
  Alive alive;
  for (const auto& abi : place.meaning.abis) {
    for (const auto& [_, rules] : abi.calls()) {
      for (const auto& rule : rules) alive.emplace(&rules, rule.rule);
    }
  }
  return alive;
}

// Whose fault it is that a rule for a call is not there: the first that asks nothing else than what it asks.
const FlatRule& WinnerOver(const std::vector<FlatRule>& rules, const profile::Rule& lost) {
  const auto asked_of_it = [&](const profile::Condition& condition) {
    return std::ranges::find(lost.conditions, condition) != lost.conditions.end();
  };
  const auto covers = [&](const FlatRule& flat) { return std::ranges::all_of(flat.conditions, asked_of_it); };
  const auto winner = std::ranges::find_if(rules, covers);
  return winner == rules.end() ? rules.front() : *winner;
}

// Why an entry is never effective: all that is said behind "entry N wins".
std::string_view ReasonOf(const Fate& fate) {
  if (fate.overruled) return "";
  return fate.whatever ? " (the first one without conditions does, and it does over all with)"
                       : " (it decides wherever the conditions of this one hold)";
}

class Fates {
 public:
  explicit Fates(const Subject& subject) : subject_(subject) {
    const auto& rules = subject.document()->rules;
    fates_.resize(rules.size());
    for (size_t i = 0; i < rules.size(); ++i) fates_[i].resize(subject.CallsOf(i).size());
    // Where the default's errno is passed over, which is told of, other entries do what the default does.
    const auto ignores = [](const Place& place) { return place.Ignores("defaultErrnoRet"); };
    const bool all_ignore = std::ranges::all_of(subject.places(), ignores);
    for (const auto& place : subject.places()) {
      if (ignores(place) && !all_ignore) continue;
      // Who ignores includes and excludes makes clashes of what was never meant to meet.
      const bool misread = place.target.loader == profile::Loader::kOci && subject.has_docker_members();
      if (place.filtered() && place.meaning.oversized.empty() && !misread) Judge(place);
    }
  }

  const std::vector<Fate>& of(size_t rule) const { return fates_[rule]; }

 private:
  void Judge(const Place& place) {
    const auto& rules = subject_.document()->rules;
    std::vector<bool> selected(rules.size(), true);
    std::vector<std::set<std::string_view>> dropped(rules.size());
    for (const auto& note : place.meaning.notes) {
      if (note.rule < 0) continue;
      const auto rule = static_cast<size_t>(note.rule);
      if (note.quirk == Quirk::kNotSelected) selected[rule] = false;
      if (note.quirk == Quirk::kRedundantRule) dropped[rule].insert(note.what);
    }
    const Alive alive = AliveAt(place);
    for (size_t i = 0; i < rules.size(); ++i) {
      if (!selected[i]) continue;
      const auto& calls = subject_.CallsOf(i);
      for (size_t j = 0; j < calls.size(); ++j) {
        const auto& name = calls[j];
        if (dropped[i].contains(name)) {
          JudgeDropped(place, fates_[i][j], name);
        } else {
          JudgeName(place, alive, i, j, name);
        }
      }
    }
  }

  // Where other rules have conditions it is what holds if none of them does, which the default says as well.
  void JudgeDropped(const Place& place, Fate& fate, const std::string& name) {
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

  void JudgeName(const Place& place, const Alive& alive, size_t i, size_t j, const std::string& name) {
    Fate& fate = fates_[i][j];
    if (fate.alive || !profile::LibraryKnows(name, place.target.libseccomp)) return;
    for (const auto& abi : place.meaning.abis) {
      const auto number = profile::LibraryNumber(abi.abi(), name);
      const auto call = number ? abi.calls().find(*number) : abi.calls().end();
      if (call == abi.calls().end() || call->second.empty()) continue;
      if (alive.contains({&call->second, static_cast<int>(i)})) {
        fate.alive = true;
        return;
      }
      fate.lost = true;
      if (fate.winner < 0) {
        const FlatRule& winner = WinnerOver(call->second, subject_.document()->rules[i]);
        fate.winner = winner.rule;
        fate.whatever = winner.conditions.empty();
      }
      const auto does_the_same = [&](const FlatRule& flat) {
        return SameAnswer(flat, subject_.document()->rules[i]);
      };
      // Without conditions it wins over one with them, whose conditions are lost.
      const bool asks_less =
          call->second.front().conditions.empty() && !subject_.document()->rules[i].conditions.empty();
      fate.same = fate.same && !asks_less && std::ranges::all_of(call->second, does_the_same);
    }
  }

  const Subject& subject_;
  std::vector<std::vector<Fate>> fates_;
};

// Of a rule as a whole where all its names share the fate, else of each name.
void Report(const Subject& subject, Sink& sink, Severity severity, const auto& wanted, const auto& message) {
  const Fates fates(subject);
  for (size_t i = 0; i < subject.document()->rules.size(); ++i) {
    const auto& of = fates.of(i);
    const auto& calls = subject.CallsOf(i);
    if (of.empty()) continue;
    if (std::ranges::all_of(of, wanted)) {
      sink.Add(severity, At(i), message(of.front(), Listed(calls, 3)));
      continue;
    }
    for (size_t j = 0; j < of.size(); ++j) {
      if (std::invoke(wanted, of[j])) sink.Add(severity, subject.AtCall(i, j), message(of[j], calls[j]));
    }
  }
}

}  // namespace

void CheckShadowedRule(const Subject& subject, Sink& sink) {
  Report(subject, sink, Severity::kWarning, &Fate::Shadowed, [](const Fate& fate, const std::string& names) {
    return fmt::format("never effective for {}: {}entry {} wins{}", names,
                       fate.overruled ? "it does what the default does, so runtimes drop it, and " : "",
                       fate.winner, ReasonOf(fate));
  });
}

void CheckDuplicateRule(const Subject& subject, Sink& sink) {
  Report(subject, sink, Severity::kInfo, &Fate::Repeats, [](const Fate& fate, const std::string& names) {
    return fmt::format("entry {} says the same of {} already", fate.winner, names);
  });
}

void CheckRedundantRule(const Subject& subject, Sink& sink) {
  const bool allows = subject.deny_list();
  Report(subject, sink, Severity::kInfo, &Fate::Redundant, [&](const Fate&, const std::string& names) {
    return fmt::format("does for {} what the default does: runtimes drop it, so it {}", names,
                       allows ? "changes nothing" : "protects from nothing");
  });
}

}  // namespace whittle::lint
