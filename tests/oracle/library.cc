// How libseccomp keeps the rules of one ABI (src/db.c, src/syscalls.c of 2.5.4).
//
// The conditional rules of a call are a tree: a level is a list of tests of 32-bit halves of arguments, and
// what follows if a test holds is a level of its own. A new rule walks down the tests that it shares, and
// where it shares none it is put before the first test that ranks below its own. Answering means reading the
// tree from the front, so the order of the list below is the tree's order from left to right. What is true of
// the tree and what becomes of it in instructions are two things; the second is libseccomp's own business
// (docs/targets.md, "What Whittle does not follow").
#include <algorithm>
#include <list>
#include <memory>
#include <set>

#include "oracle.h"

namespace whittle::oracle {
namespace {

using profile::Condition;
using profile::Operator;
using profile::Runtime;

// One test of a half.
struct Test {
  uint32_t half = 0;  // argument * 2, + 1 for the high half
  int rank = 0;       // equalities 3, upper bounds 2, lower bounds 1
  char how = '=';     // what is compared: = (equal), & (equal under the mask), > or ]: at least
  uint32_t value = 0;
  uint32_t mask = UINT32_MAX;

  bool SharedWith(const Test& other) const {
    return half == other.half && how == other.how && value == other.value && mask == other.mask;
  }
  // Where the two stand in one level: the higher argument first, then the higher rank, then the larger value
  // (of upper bounds the smaller one).
  bool RanksBelow(const Test& other) const {
    if (half != other.half) return half < other.half;
    if (rank != other.rank) return rank < other.rank;
    return rank == 2 ? value > other.value : value < other.value;
  }
};

int RankOf(Operator op) {
  if (op == Operator::kLess || op == Operator::kLessOrEqual) return 2;
  if (op == Operator::kGreater || op == Operator::kGreaterOrEqual) return 1;
  return 3;
}

// LT is a failed GE, LE a failed GT, NE a failed EQ; in high halves GE and LT compare by GT first.
char ComparisonOf(Operator op, bool high_half) {
  switch (op) {
    case Operator::kMaskedEqual:
      return '&';
    case Operator::kEqual:
    case Operator::kNotEqual:
      return '=';
    case Operator::kGreater:
    case Operator::kLessOrEqual:
      return '>';
    default:
      return high_half ? '>' : ']';
  }
}

std::vector<Test> TestsOf(const std::vector<Condition>& conditions, bool narrow) {
  std::vector<Test> tests;
  for (const auto& condition : conditions) {
    for (const bool high : {true, false}) {
      if (high && narrow) continue;
      const int shift = high ? 32 : 0;
      Test test{2 * condition.index + (high ? 1 : 0), RankOf(condition.op), ComparisonOf(condition.op, high)};
      const bool masked = condition.op == Operator::kMaskedEqual;
      test.value = static_cast<uint32_t>((masked ? condition.value_two : condition.value) >> shift);
      if (masked) test.mask = static_cast<uint32_t>(condition.value >> shift);
      tests.push_back(test);
    }
  }
  return tests;
}

struct Level;
struct Node {
  Test test;
  std::unique_ptr<Level> below;
  std::vector<KeptRule> ends;  // rules whose last test this is
};
struct Level {
  std::list<Node> nodes;
};

void Insert(Level& level, const std::vector<Test>& tests, size_t depth, const KeptRule& rule) {
  auto place = level.nodes.begin();
  while (place != level.nodes.end() && !place->test.SharedWith(tests[depth]) &&
         !place->test.RanksBelow(tests[depth]))
    ++place;
  if (place == level.nodes.end() || !place->test.SharedWith(tests[depth])) {
    place = level.nodes.insert(place, Node{tests[depth], std::make_unique<Level>(), {}});
  }
  if (depth + 1 == tests.size()) {
    place->ends.push_back(rule);
  } else {
    Insert(*place->below, tests, depth + 1, rule);
  }
}

void ReadFromTheFront(const Level& level, std::vector<KeptRule>& into) {
  for (const auto& node : level.nodes) {
    ReadFromTheFront(*node.below, into);
    into.insert(into.end(), node.ends.begin(), node.ends.end());
  }
}

// True if `longer` has all conditions of `shorter` in one run, and more.
bool Covers(const KeptRule& shorter, const KeptRule& longer) {
  const size_t count = shorter.conditions.size();
  if (longer.conditions.size() <= count) return false;
  for (size_t first = 0; first + count <= longer.conditions.size(); ++first) {
    if (std::equal(shorter.conditions.begin(), shorter.conditions.end(),
                   longer.conditions.begin() + static_cast<std::ptrdiff_t>(first))) {
      return true;
    }
  }
  return false;
}

bool IsStartOf(const KeptRule& shorter, const KeptRule& longer) {
  return longer.conditions.size() > shorter.conditions.size() &&
         std::equal(shorter.conditions.begin(), shorter.conditions.end(), longer.conditions.begin());
}

class Keeper {
 public:
  Keeper(const Requests& requests, Abi abi, const profile::Target& target, HabitCounts& habits)
      : requests_(requests), abi_(abi), target_(target), habits_(habits) {
    const bool short_pointers = abi == Abi::kX32 || abi == Abi::kMips64N32;
    kept_.narrow = Is32Bit(abi) || (short_pointers && !plain());
  }

  KeptCalls Run() {
    for (size_t place = 0; place < requests_.rules.size(); ++place) Take(requests_.rules[place], place);
    for (auto& [number, rules] : kept_.calls) Sort(rules);
    return std::move(kept_);
  }

 private:
  // Whittle itself compiles: no companions, no clashes.
  bool plain() const { return target_.runtime == Runtime::kNone; }
  void Count(Habit habit) { ++habits_[static_cast<size_t>(habit)]; }

  void Take(const Request& request, size_t place) {
    const auto multiplexer = plain() ? std::nullopt : MultiplexerOf(request.name, abi_);
    if (multiplexer) {
      auto conditions = request.conditions;
      std::erase_if(conditions, [](const Condition& condition) { return condition.index == 0; });
      conditions.insert(conditions.begin(), Condition{0, Operator::kEqual, multiplexer->selector, 0});
      const int64_t number = LibraryNumber(multiplexer->name, abi_, target_.libseccomp).value_or(-1);
      if (number >= 0)
        AddTo(kept_.calls[static_cast<uint32_t>(number)], {request.answer, Simple(conditions), place, true});
    }
    const int64_t number = *LibraryNumber(request.name, abi_, target_.libseccomp);
    const KeptRule rule{request.answer, Simple(request.conditions), place, false};
    if (number >= 0) {
      AddTo(kept_.calls[static_cast<uint32_t>(number)], rule);
    } else if (!plain() && !MultiplexesAnything()) {
      // Not in the filter, and yet two actions under the same conditions are refused.
      AddTo(lacking_[request.name], rule);
    }
  }

  bool MultiplexesAnything() const { return MultiplexerOf("socket", abi_).has_value(); }

  std::vector<Condition> Simple(std::vector<Condition> conditions) {
    for (auto& condition : conditions) {
      if (kept_.narrow) {
        if ((condition.value | condition.value_two) > UINT32_MAX) Count(Habit::kNarrowArguments);
        condition.value &= UINT32_MAX;
        condition.value_two &= UINT32_MAX;
      }
      if (condition.op != Operator::kMaskedEqual) condition.value_two = 0;
      if (condition.op == Operator::kMaskedEqual && !plain()) {
        if ((condition.value_two & ~condition.value) != 0) Count(Habit::kMaskedValue);
        condition.value_two &= condition.value;
      }
    }
    // (argument & 0) == 0 says nothing.
    std::erase_if(conditions, [](const Condition& condition) {
      return condition.op == Operator::kMaskedEqual && condition.value == 0 && condition.value_two == 0;
    });
    std::stable_sort(conditions.begin(), conditions.end(),
                     [](const Condition& a, const Condition& b) { return a.index < b.index; });
    return conditions;
  }

  void AddTo(std::vector<KeptRule>& rules, const KeptRule& rule) {
    const bool always = rules.size() == 1 && rules[0].conditions.empty();
    if (always || rule.conditions.empty()) {
      if (!rules.empty()) Count(Habit::kShadowedRule);
      if (!always) rules = {rule};
      return;
    }
    for (const auto& old : rules) {
      const bool same = old.conditions == rule.conditions;
      const bool adds_nothing = (same || Covers(old, rule)) && old.answer == rule.answer;
      const bool never_reached = IsStartOf(old, rule) || (same && plain());
      if (!adds_nothing && !never_reached) continue;
      Count(Habit::kCoveredRule);
      return;
    }
    for (const auto& old : rules) {
      if (plain() || old.answer == rule.answer) continue;
      if (old.conditions != rule.conditions && !IsStartOf(rule, old)) continue;
      Count(Habit::kRefusedClash);
      throw NoFilter{State::kRefused, "one call with two actions under the same conditions"};
    }
    std::erase_if(rules, [&](const KeptRule& old) { return Covers(rule, old) && old.answer == rule.answer; });
    rules.push_back(rule);
  }

  void Sort(std::vector<KeptRule>& rules) {
    if (rules.size() < 2) return;
    Level root;
    for (const auto& rule : rules) Insert(root, TestsOf(rule.conditions, kept_.narrow), 0, rule);
    rules.clear();
    ReadFromTheFront(root, rules);
    const bool moved = !std::is_sorted(
        rules.begin(), rules.end(), [](const KeptRule& a, const KeptRule& b) { return a.place < b.place; });
    if (moved) Count(Habit::kOrder);
  }

  const Requests& requests_;
  Abi abi_;
  const profile::Target& target_;
  HabitCounts& habits_;
  KeptCalls kept_;
  std::map<std::string, std::vector<KeptRule>> lacking_;
};

}  // namespace

KeptCalls Keep(const Requests& requests, Abi abi, const profile::Target& target, HabitCounts& habits) {
  return Keeper(requests, abi, target, habits).Run();
}

}  // namespace whittle::oracle
