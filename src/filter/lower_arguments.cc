#include "filter/lower_arguments.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "filter/formula.h"

namespace whittle::filter {
namespace {

// From this many equalities on one word, halving them by order is shorter than asking one by one.
constexpr size_t kManyValues = 5;
// So many make the halving itself a fiftieth of the program.
constexpr size_t kManyValuesIfShort = 64;

// The rules of one call.
class ArgumentTree {
 public:
  ArgumentTree(Graph& graph, Abi abi, const Resolution& resolution, PassSet passes, Halving halving,
               size_t& steps_left)
      : graph_(graph),
        passes_(passes),
        steps_left_(steps_left),
        many_values_(halving == Halving::kQuick ? kManyValues : kManyValuesIfShort),
        otherwise_(ReturnOf(resolution.decision)),
        independent_(AreIndependent(*resolution.rules)) {
    for (const auto& rule : *resolution.rules) {
      Open& open = all_.emplace_back();
      open.value = profile::ReturnValue(rule.action, rule.data);
      for (const auto& condition : rule.conditions) {
        open.conditions.push_back(formulas_.Lower(condition, abi, resolution.narrow));
      }
    }
  }

  Graph::Id Build() {
    if (!passes_.Has(Pass::kShareRests) || independent_) return BuildChain();
    budget_ = 64 + 16 * all_.size();
    const auto root = BuildShared(Settled(all_));
    return root ? *root : BuildChain();
  }

 private:
  struct Open {
    std::vector<Formulas::Id> conditions;  // what is still to be asked; none: the rule holds
    uint32_t value = 0;
    auto operator<=>(const Open&) const = default;
  };
  using Rest = std::vector<Open>;
  struct Question {
    WordTest test;
    Implication implication;
  };

  // A rule alone, each condition on an argument of its own: no answer says anything of another question.
  static bool AreIndependent(const std::vector<FlatRule>& rules) {
    if (rules.size() != 1) return false;
    const auto& conditions = rules.front().conditions;  // by index
    return std::ranges::adjacent_find(conditions, {}, &profile::Condition::index) == conditions.end();
  }

  // Drops what cannot hold any more and what stands behind a rule that holds.
  static Rest Settled(Rest rest) {
    std::erase_if(rest, [](Open& open) {
      std::erase(open.conditions, Formulas::kTrue);
      return std::ranges::find(open.conditions, Formulas::kFalse) != open.conditions.end();
    });
    const auto sure = std::ranges::find_if(rest, [](const Open& open) { return open.conditions.empty(); });
    if (sure != rest.end()) rest.erase(sure + 1, rest.end());
    return rest;
  }

  // Nothing if the graph grows beyond its budget (rules that interlock can be many times their number), or
  // if looking at what is left of the rules has taken too many steps.
  std::optional<Graph::Id> BuildShared(Rest rest) {
    if (rest.empty()) return graph_.Return(otherwise_);
    if (rest.front().conditions.empty()) return graph_.Return(rest.front().value);
    if (const auto known = built_.find(rest); known != built_.end()) return known->second;
    if (built_.size() > budget_ || steps_left_ < rest.size()) return std::nullopt;
    steps_left_ -= rest.size();
    const Question question = NextQuestion(rest);
    const auto yes = BuildShared(Assumed(rest, question, true));
    if (!yes) return std::nullopt;
    const auto no = BuildShared(Assumed(rest, question, false));
    if (!no) return std::nullopt;
    return built_[std::move(rest)] = graph_.Test(question.test, *yes, *no);
  }

  Rest Assumed(const Rest& rest, const Question& question, bool holds) {
    Rest left = rest;
    for (auto& open : left) {
      for (auto& condition : open.conditions) {
        condition = formulas_.Assume(condition, question.test, holds, question.implication);
      }
    }
    return Settled(std::move(left));
  }

  // The first open test; or, in front of many equalities of one word, the middle of their values. That is
  // asked for what it implies.
  Question NextQuestion(const Rest& rest) const {
    const WordTest& first = formulas_.at(rest.front().conditions.front()).test;
    const bool implies = passes_.Has(Pass::kImplyTests);
    const Question usual{first, implies ? Implication::kSameWord : Implication::kSameTest};
    if (first.op != WordTest::Op::kEqual || !passes_.Has(Pass::kHalveValues)) return usual;
    const auto values = ValuesComparedWith(first.word, rest);
    if (values.size() < many_values_) return usual;
    const uint32_t middle = *std::next(values.begin(), static_cast<ptrdiff_t>(values.size() / 2));
    return {{first.word, WordTest::Op::kAtLeast, UINT32_MAX, middle}, Implication::kSameWord};
  }

  std::set<uint32_t> ValuesComparedWith(uint8_t word, const Rest& rest) const {
    std::set<uint32_t> values;
    for (const auto& open : rest) {
      if (open.conditions.empty()) break;
      const WordTest& test = formulas_.at(open.conditions.front()).test;
      if (test.op == WordTest::Op::kEqual && test.word == word) values.insert(test.value);
    }
    return values;
  }

  // One rule after the other, without sharing what they have in common: as long as the rules are.
  Graph::Id BuildChain() {
    Graph::Id rest = graph_.Return(otherwise_);
    for (auto open = all_.rbegin(); open != all_.rend(); ++open) {
      Graph::Id holds = graph_.Return(open->value);
      for (auto condition = open->conditions.rbegin(); condition != open->conditions.rend(); ++condition) {
        holds = Follow(*condition, holds, rest);
      }
      rest = holds;
    }
    return rest;
  }

  Graph::Id Follow(Formulas::Id formula, Graph::Id yes, Graph::Id no) {
    if (formula == Formulas::kTrue) return yes;
    if (formula == Formulas::kFalse) return no;
    const Formulas::Node node = formulas_.at(formula);
    return graph_.Test(node.test, Follow(node.yes, yes, no), Follow(node.no, yes, no));
  }

  Graph& graph_;
  PassSet passes_;
  size_t& steps_left_;
  size_t many_values_;
  uint32_t otherwise_;
  bool independent_;
  Formulas formulas_;
  Rest all_;
  size_t budget_ = 0;
  std::map<Rest, Graph::Id> built_;
};

}  // namespace

Graph::Id LowerArguments(Graph& graph, Abi abi, const Resolution& resolution, PassSet passes, Halving halving,
                         size_t& steps_left) {
  return ArgumentTree(graph, abi, resolution, passes, halving, steps_left).Build();
}

}  // namespace whittle::filter
