// Rules for one call that get in each other's way. Who wins is read off the compiled meaning.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "lint/covers.h"
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
  bool wider = false;      // or less than this one
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

// More looks at two rules of one call would take seconds for a document that is made for that.
constexpr size_t kLooks = 50'000;
// What trying costs for each entry that names the call, in such looks.
constexpr size_t kLooksOfTrying = 4;

// What became of the rules of the document among those of a call.
class RulesAt {
 public:
  RulesAt(const filter::Meaning& meaning, size_t& looks_left) {
    for (const auto& abi : meaning.abis) {
      for (const auto& [_, rules] : abi.calls()) {
        const auto covers = CoversOf(rules, abi, looks_left);
        for (size_t i = 0; i < rules.size(); ++i) {
          if (covers[i]) AddCover({&rules, rules[i].rule}, *covers[i]);
          if (!covers[i]) alive_.emplace(&rules, rules[i].rule);
        }
      }
    }
  }

  // Some of what a call got of the rule has an effect.
  bool Alive(const std::vector<FlatRule>& rules, int rule) const { return alive_.contains({&rules, rule}); }
  // What makes all that it got superfluous; null if it got nothing.
  const Cover* CoverOf(const std::vector<FlatRule>& rules, int rule) const {
    const auto cover = covered_.find({&rules, rule});
    return cover == covered_.end() ? nullptr : &cover->second;
  }

 private:
  using Key = std::pair<const std::vector<FlatRule>*, int>;

  // An entry may be several rules of a call.
  void AddCover(const Key& key, const Cover& cover) {
    const auto [first, _] = covered_.try_emplace(key, cover);
    first->second.same = first->second.same && cover.same;
  }

  std::set<Key> alive_;
  std::map<Key, Cover> covered_;
};

// Calls that share rules: what is multiplexed, and what it is reached through.
std::string_view FamilyOf(std::string_view call) {
  const auto through = filter::MultiplexerOf(Abi::kI386, call);
  return through ? through->through : call;
}

// Whoever's they are.
bool SameRules(const std::vector<FlatRule>& a, const std::vector<FlatRule>& b) {
  return std::ranges::equal(a, b, [](const FlatRule& left, const FlatRule& right) {
    return left.action == right.action && left.data == right.data && left.conditions == right.conditions;
  });
}

std::vector<FlatRule> Without(std::vector<FlatRule> rules, int rule) {
  std::erase_if(rules, [&](const FlatRule& flat) { return flat.rule == rule; });
  return rules;
}

// Tries what a document comes to without one name of one entry. libseccomp leaves out rules, and orders the
// others, by all that it got: an entry that decides nothing may yet keep others out, or behind.
class Trial {
 public:
  explicit Trial(const Subject& subject) : subject_(subject), frame_(*subject.document()) {
    frame_.rules.clear();
    for (const auto& [name, of] : subject.names()) {
      auto& entries = families_[FamilyOf(name)];
      for (const auto& mention : of.mentions) entries.insert(mention.rule);
    }
  }

  bool ChangesNothing(const Place& place, size_t entry, const std::string& name, size_t& looks_left) const {
    const auto& entries = families_.at(FamilyOf(name));
    const size_t looks = kLooksOfTrying * entries.size();
    if (looks_left < looks) return false;
    looks_left -= looks;
    profile::Document with = frame_;
    for (const size_t other : entries) with.rules.push_back(OfFamily(other, FamilyOf(name)));
    const auto index = std::distance(entries.begin(), entries.find(entry));
    profile::Document without = with;
    auto& names = without.rules[static_cast<size_t>(index)].names;
    std::erase(names, name);
    if (names.empty()) without.rules.erase(without.rules.begin() + index);
    return DoTheSame(filter::MeaningOf(with, place.target), filter::MeaningOf(without, place.target),
                     static_cast<int>(index), looks_left);
  }

 private:
  profile::Rule OfFamily(size_t entry, std::string_view family) const {
    profile::Rule rule = subject_.document()->rules[entry];
    std::erase_if(rule.names, [&](const std::string& name) { return FamilyOf(name) != family; });
    return rule;
  }

  // For each call: the same rules, or all but the entry's, which have no effect.
  static bool DoTheSame(const filter::Meaning& with, const filter::Meaning& without, int entry,
                        size_t& looks_left) {
    if (with.state != without.state || with.abis.size() != without.abis.size()) return false;
    const RulesAt rules_at(with, looks_left);
    for (size_t abi = 0; abi < with.abis.size(); ++abi) {
      const auto& others = without.abis[abi].calls();
      for (const auto& [number, rules] : with.abis[abi].calls()) {
        const auto found = others.find(number);
        const auto left = found == others.end() ? std::vector<FlatRule>{} : found->second;
        if (SameRules(rules, left)) continue;
        if (rules_at.Alive(rules, entry) || !SameRules(Without(rules, entry), left)) return false;
      }
    }
    return true;
  }

  const Subject& subject_;
  profile::Document frame_;  // all but the entries
  std::map<std::string_view, std::set<size_t>> families_;
};

// Whose fault it is that a rule for a call is not there: the first that asks nothing else than what it asks.
Cover LeftOutBy(const std::vector<FlatRule>& rules, const profile::Rule& lost) {
  const auto asked_of_it = [&](const profile::Condition& condition) {
    return std::ranges::find(lost.conditions, condition) != lost.conditions.end();
  };
  const auto covers = [&](const FlatRule& flat) { return std::ranges::all_of(flat.conditions, asked_of_it); };
  const auto does_the_same = [&](const FlatRule& flat) { return SameAnswer(flat, lost); };
  const auto winner = std::ranges::find_if(rules, covers);
  if (winner == rules.end()) return {&rules.front(), std::ranges::all_of(rules, does_the_same)};
  // Without conditions it wins over one with them, whose conditions are lost.
  const bool asks_less = winner->conditions.empty() && !lost.conditions.empty();
  return {&*winner, !asks_less && does_the_same(*winner)};
}

// Why an entry is never effective: all that is said behind "entry N wins".
std::string_view ReasonOf(const Fate& fate) {
  if (fate.overruled) return "";
  return fate.whatever ? " (the first one without conditions does, and it does over all with)"
                       : " (it decides wherever the conditions of this one hold)";
}

class Fates {
 public:
  explicit Fates(const Subject& subject) : subject_(subject), trial_(subject) {
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
    size_t looks_left = kLooks;
    const RulesAt rules_at(place.meaning, looks_left);
    for (size_t i = 0; i < rules.size(); ++i) {
      if (!selected[i]) continue;
      const auto& calls = subject_.CallsOf(i);
      for (size_t j = 0; j < calls.size(); ++j) {
        const auto& name = calls[j];
        if (dropped[i].contains(name)) {
          JudgeDropped(place, fates_[i][j], name);
        } else {
          JudgeName(place, rules_at, i, j, looks_left);
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

  void JudgeName(const Place& place, const RulesAt& rules_at, size_t i, size_t j, size_t& looks_left) {
    Fate& fate = fates_[i][j];
    const auto& name = subject_.CallsOf(i)[j];
    const int rule = static_cast<int>(i);
    bool covered = false;
    if (fate.alive || !profile::LibraryKnows(name, place.target.libseccomp)) return;
    for (const auto& abi : place.meaning.abis) {
      const auto number = profile::LibraryNumber(abi.abi(), name);
      const auto call = number ? abi.calls().find(*number) : abi.calls().end();
      if (call == abi.calls().end() || call->second.empty()) continue;
      const auto& rules = call->second;
      const Cover* cover = rules_at.CoverOf(rules, rule);
      fate.alive = rules_at.Alive(rules, rule);
      if (cover != nullptr) covered = true;
      if (fate.alive) return;
      const auto& lost = subject_.document()->rules[i];
      Lose(fate, lost, cover != nullptr ? *cover : LeftOutBy(rules, lost));
    }
    if (covered) fate.alive = !trial_.ChangesNothing(place, i, name, looks_left);
  }

  static void Lose(Fate& fate, const profile::Rule& lost, const Cover& to) {
    fate.lost = true;
    fate.same = fate.same && to.same;
    if (fate.winner >= 0) return;
    fate.winner = to.by->rule;
    fate.whatever = to.by->conditions.empty();
    fate.wider = to.by->conditions != lost.conditions;
  }

  const Subject& subject_;
  const Trial trial_;
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
    return fmt::format("entry {} says the same of {} already{}", fate.winner, names,
                       fate.wider ? ", and its conditions hold wherever the ones here do" : "");
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
