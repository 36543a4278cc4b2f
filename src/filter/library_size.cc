// The idea: libseccomp's layout as a decision graph of ours, assembled and counted. It asks for one
// architecture after the other, for one call after the other, and then for one rule after the other; rules
// that begin with the same tests share them, and equal parts exist once, also those of different calls and
// ABIs.
#include "filter/library_size.h"

#include <ranges>
#include <span>
#include <vector>

#include "filter/assemble.h"
#include "filter/graph.h"

namespace whittle::filter {
namespace {

using profile::Condition;
using profile::Operator;
using Op = WordTest::Op;

constexpr uint8_t kNumberWord = 0;
constexpr uint8_t kArchWord = 1;

// One half of a condition.
struct Test {
  WordTest test;
  bool negated = false;     // it holds where the test does not
  bool asks_twice = false;  // greater, or equal: the high half of an ordered comparison
  bool operator==(const Test&) const = default;
};

struct Rule {
  std::vector<Test> tests;
  uint32_t value = 0;
};

void AddHalf(std::vector<Test>& tests, const Condition& condition, uint8_t word, bool high) {
  const int shift = high ? 32 : 0;
  const auto value = static_cast<uint32_t>(condition.value >> shift);
  switch (condition.op) {
    case Operator::kEqual:
    case Operator::kNotEqual:
      tests.push_back({{word, Op::kEqual, UINT32_MAX, value}, condition.op == Operator::kNotEqual});
      break;
    case Operator::kMaskedEqual:
      if (value == 0) break;  // a mask of nothing is not asked for
      tests.push_back({{word, value == UINT32_MAX ? Op::kEqual : Op::kMasked, value,
                        static_cast<uint32_t>(condition.value_two >> shift)}});
      break;
    default: {
      const bool below = condition.op == Operator::kLess || condition.op == Operator::kLessOrEqual;
      tests.push_back({{word, Op::kAtLeast, UINT32_MAX, value}, below, high});
    }
  }
}

std::vector<Rule> RulesOf(const std::vector<FlatRule>& flat, Abi abi, bool narrow) {
  std::vector<Rule> rules;
  for (const auto& from : flat) {
    Rule& rule = rules.emplace_back();
    rule.value = profile::ReturnValue(from.action, from.data);
    for (const auto& condition : from.conditions) {
      const ArgumentWords words = WordsOfArgument(condition.index, abi);
      if (!narrow) AddHalf(rule.tests, condition, words.high, true);
      AddHalf(rule.tests, condition, words.low, false);
    }
  }
  return rules;
}

class Layout {
 public:
  explicit Layout(const Meaning& meaning) : meaning_(meaning) {}

  size_t Size() {
    Graph::Id root = graph_.Return(ReturnOf(meaning_.foreign_abi));
    for (const auto& rules : std::views::reverse(meaning_.abis)) {
      const WordTest is_arch{kArchWord, Op::kEqual, UINT32_MAX, AuditArch(rules.abi())};
      root = graph_.Test(is_arch, Calls(rules), root);
    }
    return Assemble(graph_, root, PassSet::Only(Pass::kReuseLoads)).size();
  }

 private:
  Graph::Id Calls(const AbiRules& rules) {
    Graph::Id rest = graph_.Return(ReturnOf(meaning_.otherwise));
    for (const auto& [number, of_call] : std::views::reverse(rules.calls())) {
      const auto asked = RulesOf(of_call, rules.abi(), rules.narrow());
      const Graph::Id call = Level(asked, 0, graph_.Return(ReturnOf(meaning_.otherwise)));
      rest = graph_.Test({kNumberWord, Op::kEqual, UINT32_MAX, number}, call, rest);
    }
    // The bit of x32 tells the two apart.
    const bool x86 = AuditArch(rules.abi()) == AuditArch(Abi::kX86_64);
    return x86 ? graph_.Test({kNumberWord, Op::kAtLeast, UINT32_MAX, kX32Bit},
                             graph_.Return(ReturnOf(meaning_.foreign_abi)), rest)
               : rest;
  }

  // The tests at `depth`, one beside the other, from the last to the first.
  Graph::Id Level(std::span<const Rule> rules, size_t depth, Graph::Id otherwise) {
    Graph::Id rest = otherwise;
    while (!rules.empty()) {
      if (rules.back().tests.size() <= depth) {
        rest = graph_.Return(rules.back().value);
        rules = rules.first(rules.size() - 1);
        continue;
      }
      size_t begin = rules.size() - 1;
      const Test& test = rules[begin].tests[depth];
      while (begin > 0 && rules[begin - 1].tests.size() > depth && rules[begin - 1].tests[depth] == test)
        --begin;
      rest = Ask(test, Level(rules.subspan(begin), depth + 1, rest), rest);
      rules = rules.first(begin);
    }
    return rest;
  }

  Graph::Id Ask(const Test& test, Graph::Id holds, Graph::Id fails) {
    const Graph::Id yes = test.negated ? fails : holds;
    const Graph::Id no = test.negated ? holds : fails;
    const Graph::Id asked = graph_.Test(test.test, yes, no);
    if (!test.asks_twice) return asked;
    return graph_.Test({test.test.word, Op::kEqual, UINT32_MAX, test.test.value}, no, asked);
  }

  const Meaning& meaning_;
  Graph graph_{Graph::Sharing::kEqualParts};
};

}  // namespace

size_t EstimateLibraryInstructions(const Meaning& meaning) { return Layout(meaning).Size(); }

}  // namespace whittle::filter
