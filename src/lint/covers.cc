#include "lint/covers.h"

#include <algorithm>
#include <cstdint>

#include "filter/formula.h"

namespace whittle::lint {
namespace {

using filter::FlatRule;
using filter::Formulas;

// What it costs to begin with a call, and with each of its conditions, in looks.
constexpr size_t kLooksToBegin = 20, kLooksOfCondition = 10;
constexpr size_t kLooksOfFormulas = 50;  // what an example does not tell

// A value that fulfils the condition, if any does.
uint64_t ExampleOf(const profile::Condition& condition) {
  using enum profile::Operator;
  switch (condition.op) {
    case kNotEqual:
      return condition.value ^ 1;
    case kLess:
      return condition.value - 1;
    case kGreater:
      return condition.value + 1;
    case kMaskedEqual:
      return condition.value_two;
    default:
      return condition.value;
  }
}

class Comparison {
 public:
  Comparison(const std::vector<FlatRule>& rules, const filter::AbiRules& abi, size_t& looks_left)
      : rules_(rules), looks_left_(looks_left) {
    for (const auto& rule : rules) {
      auto& lowered = lowered_.emplace_back();
      for (const auto& condition : rule.conditions)
        lowered.push_back({&condition, formulas_.Lower(condition, abi.abi(), abi.narrow())});
    }
  }

  std::optional<Cover> CoverOf(size_t rule) {
    if (NeverHolds(rule)) return std::nullopt;  // which is told of by itself
    const auto earlier = AskedBefore(rule);
    return earlier ? earlier : AskedAfter(rule);
  }

 private:
  struct Asked {
    const profile::Condition* condition;
    Formulas::Id formula;
  };

  bool NeverHolds(size_t rule) const {
    return std::ranges::find(lowered_[rule], Formulas::kFalse, &Asked::formula) != lowered_[rule].end();
  }
  bool IsOfAnotherEntry(size_t a, size_t b) const { return rules_[a].rule != rules_[b].rule; }

  // Where one of them covers it, the rule decides nothing.
  std::optional<Cover> AskedBefore(size_t rule) {
    for (size_t other = 0; other < rule && MayLook(rule, other); ++other) {
      if (IsOfAnotherEntry(rule, other) && HoldsWherever(rule, other)) return CoverBy(other, rule);
    }
    return std::nullopt;
  }

  // Where one of them covers it, and all in between let that one answer the same, nobody misses the rule. Of
  // two that ask the same in other words the one that is asked later is superfluous, not both.
  std::optional<Cover> AskedAfter(size_t rule) {
    for (size_t other = rule + 1; other < rules_.size() && MayLook(rule, other); ++other) {
      if (!SameAnswer(rules_[rule], rules_[other])) {
        if (!NeverBoth(rule, other)) return std::nullopt;
        continue;
      }
      if (IsOfAnotherEntry(rule, other) && HoldsWherever(rule, other) && !HoldsWherever(other, rule))
        return CoverBy(other, rule);
    }
    return std::nullopt;
  }

  Cover CoverBy(size_t other, size_t rule) const {
    return {&rules_[other], SameAnswer(rules_[other], rules_[rule])};
  }

  bool HoldsWherever(size_t rule, size_t other) {
    return std::ranges::all_of(lowered_[other],
                               [&](const Asked& asked) { return Decides(rule, asked, Formulas::kTrue); });
  }
  bool NeverBoth(size_t rule, size_t other) {
    return std::ranges::any_of(lowered_[other],
                               [&](const Asked& asked) { return Decides(rule, asked, Formulas::kFalse); });
  }
  // One of the rule's own conditions says enough. Most say nothing, which an example shows quickly.
  bool Decides(size_t rule, const Asked& asked, Formulas::Id answer) {
    if (asked.formula == answer) return true;
    return std::ranges::any_of(lowered_[rule], [&](const Asked& own) {
      if (own.condition->index != asked.condition->index) return false;
      const bool holds = asked.condition->Matches(ExampleOf(*own.condition));
      return holds == (answer == Formulas::kTrue) && Pay(kLooksOfFormulas, looks_left_) &&
             formulas_.Decides(own.formula, asked.formula, answer);
    });
  }

  // Each condition of the one may be held against each of the other.
  bool MayLook(size_t rule, size_t other) {
    return Pay(std::max<size_t>(1, lowered_[rule].size() * lowered_[other].size()), looks_left_);
  }

  const std::vector<FlatRule>& rules_;
  size_t& looks_left_;
  Formulas formulas_;
  std::vector<std::vector<Asked>> lowered_;
};

size_t PriceOf(const std::vector<FlatRule>& rules) {
  size_t price = kLooksToBegin;
  for (const auto& rule : rules) price += kLooksOfCondition * (1 + rule.conditions.size());
  return price;
}

}  // namespace

bool Pay(size_t price, size_t& looks_left) {
  const bool enough = price <= looks_left;
  looks_left = enough ? looks_left - price : 0;
  return enough;
}

bool SameAnswer(const FlatRule& a, const FlatRule& b) {
  return profile::ReturnValue(a.action, a.data) == profile::ReturnValue(b.action, b.data);
}

std::vector<std::optional<Cover>> CoversOf(const std::vector<FlatRule>& rules, const filter::AbiRules& abi,
                                           size_t& looks_left) {
  std::vector<std::optional<Cover>> covers(rules.size());
  if (rules.size() < 2 || !Pay(PriceOf(rules), looks_left)) return covers;
  Comparison comparison(rules, abi, looks_left);
  for (size_t rule = 0; rule < rules.size(); ++rule) covers[rule] = comparison.CoverOf(rule);
  return covers;
}

}  // namespace whittle::lint
