#include "filter/lower.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "filter/assemble.h"
#include "filter/formula.h"

namespace whittle::filter {
namespace {

constexpr uint8_t kNumberWord = 0;
constexpr uint8_t kArchWord = 1;
// From this many equalities on one word, halving them by order is shorter than asking one by one.
constexpr size_t kManyValues = 5;

uint32_t ReturnOf(const Decision& decision) { return profile::ReturnValue(decision.action, decision.data); }

// The rules of one call.
class ArgumentTree {
 public:
  ArgumentTree(Graph& graph, Abi abi, const Resolution& resolution)
      : graph_(graph), otherwise_(ReturnOf(resolution.decision)) {
    for (const auto& rule : *resolution.rules) {
      Open& open = all_.emplace_back();
      open.value = profile::ReturnValue(rule.action, rule.data);
      for (const auto& condition : rule.conditions) {
        open.conditions.push_back(formulas_.Lower(condition, abi, resolution.narrow));
      }
    }
  }

  Graph::Id Build() {
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

  // Nothing if the graph grows beyond its budget: rules that interlock can be many times their number.
  std::optional<Graph::Id> BuildShared(Rest rest) {
    if (rest.empty()) return graph_.Return(otherwise_);
    if (rest.front().conditions.empty()) return graph_.Return(rest.front().value);
    if (const auto known = built_.find(rest); known != built_.end()) return known->second;
    if (built_.size() > budget_) return std::nullopt;
    const WordTest test = NextTest(rest);
    const auto yes = BuildShared(Assumed(rest, test, true));
    if (!yes) return std::nullopt;
    const auto no = BuildShared(Assumed(rest, test, false));
    if (!no) return std::nullopt;
    return built_[std::move(rest)] = graph_.Test(test, *yes, *no);
  }

  Rest Assumed(const Rest& rest, const WordTest& test, bool holds) {
    Rest left = rest;
    for (auto& open : left) {
      for (auto& condition : open.conditions) condition = formulas_.Assume(condition, test, holds);
    }
    return Settled(std::move(left));
  }

  WordTest NextTest(const Rest& rest) const {
    const WordTest& first = formulas_.at(rest.front().conditions.front()).test;
    if (first.op != WordTest::Op::kEqual) return first;
    std::set<uint32_t> values;
    for (const auto& open : rest) {
      if (open.conditions.empty()) break;
      const WordTest& test = formulas_.at(open.conditions.front()).test;
      if (test.op == first.op && test.word == first.word) values.insert(test.value);
    }
    if (values.size() < kManyValues) return first;
    return {first.word, WordTest::Op::kAtLeast, UINT32_MAX, *std::next(values.begin(), values.size() / 2)};
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
  uint32_t otherwise_;
  Formulas formulas_;
  Rest all_;
  size_t budget_ = 0;
  std::map<Rest, Graph::Id> built_;
};

// The numbers from `first` up to the next range's first have one answer.
struct Range {
  uint32_t first;
  Graph::Id answer;
};

class Lowering {
 public:
  explicit Lowering(const Meaning& meaning) : meaning_(meaning) {}

  Program Run() {
    Graph::Id root = graph_.Return(ReturnOf(meaning_.foreign_abi));
    std::set<uint32_t> done;
    // Backwards, so that the native ABI is asked first.
    std::vector<Abi> abis;
    for (const auto& rules : meaning_.abis) {
      if (done.insert(AuditArch(rules.abi())).second) abis.push_back(rules.abi());
    }
    for (auto abi = abis.rbegin(); abi != abis.rend(); ++abi) {
      const WordTest is_arch{kArchWord, WordTest::Op::kEqual, UINT32_MAX, AuditArch(*abi)};
      root = graph_.Test(is_arch, Dispatch(RangesOf(*abi)), root);
    }
    return Assemble(graph_, root);
  }

 private:
  // Every number at which the answer may change.
  std::set<uint32_t> Borders(Abi abi) const {
    std::set<uint32_t> borders = {0, 1, kX32Bit, 2 * kX32Bit, 3 * kX32Bit, UINT32_MAX};
    for (const auto& rules : meaning_.abis) {
      if (AuditArch(rules.abi()) != AuditArch(abi)) continue;
      for (const auto& [number, _] : rules.calls()) {
        borders.insert(number);
        if (number != UINT32_MAX) borders.insert(number + 1);
      }
    }
    for (const auto& [stubbed, above] : meaning_.stub_above) {
      if (AuditArch(stubbed) == AuditArch(abi)) borders.insert(above + 1);
    }
    return borders;
  }

  std::vector<Range> RangesOf(Abi abi) {
    std::vector<Range> ranges;
    for (const uint32_t first : Borders(abi)) {
      const Graph::Id answer = Answer(abi, first);
      if (ranges.empty() || ranges.back().answer != answer) ranges.push_back({first, answer});
    }
    return ranges;
  }

  Graph::Id Answer(Abi abi, uint32_t number) {
    const Resolution resolution = Resolve(meaning_, abi, number);
    if (resolution.rules == nullptr) return graph_.Return(ReturnOf(resolution.decision));
    return ArgumentTree(graph_, abi, resolution).Build();
  }

  Graph::Id Dispatch(std::span<const Range> ranges) {
    if (ranges.size() == 1) return ranges.front().answer;
    const bool one_number =
        ranges.size() == 3 && ranges[0].answer == ranges[2].answer && ranges[2].first == ranges[1].first + 1;
    if (one_number) {
      return graph_.Test({kNumberWord, WordTest::Op::kEqual, UINT32_MAX, ranges[1].first}, ranges[1].answer,
                         ranges[0].answer);
    }
    const size_t middle = ranges.size() / 2;
    const WordTest upper{kNumberWord, WordTest::Op::kAtLeast, UINT32_MAX, ranges[middle].first};
    return graph_.Test(upper, Dispatch(ranges.subspan(middle)), Dispatch(ranges.first(middle)));
  }

  const Meaning& meaning_;
  Graph graph_;
};

}  // namespace

Program Lower(const Meaning& meaning) { return Lowering(meaning).Run(); }

}  // namespace whittle::filter
