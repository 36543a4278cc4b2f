#include "filter/assemble.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace whittle::filter {
namespace {

constexpr size_t kMaxJump = 255;
constexpr size_t kNowhere = SIZE_MAX;
constexpr int kNoWord = -1;

// What the accumulator is known to hold.
struct Held {
  int word = kNoWord;
  uint32_t mask = UINT32_MAX;  // of the word
};

// What a test has to do before its jump, on a way that leads to it.
enum class Missing : uint8_t { kNothing, kMask, kWord };

// How a test is carried out.
struct Plan {
  uint16_t code = 0;
  uint32_t operand = 0;
  std::optional<uint32_t> mask;  // an AND in front of it
  bool swapped = false;          // the jump is taken where the test fails
};

Plan PlanOf(const WordTest& test, PassSet passes) {
  switch (test.op) {
    case WordTest::Op::kEqual:
      return {BPF_JMP | BPF_JEQ | BPF_K, test.value, {}, false};
    case WordTest::Op::kAtLeast:
      return {BPF_JMP | BPF_JGE | BPF_K, test.value, {}, false};
    case WordTest::Op::kMasked:
      break;
  }
  const uint16_t set = BPF_JMP | BPF_JSET | BPF_K;
  const Plan compare{BPF_JMP | BPF_JEQ | BPF_K, test.value, test.mask, false};
  if (!passes.Has(Pass::kTestBits)) return compare;
  if (test.value == 0) return {set, test.mask, {}, true};
  if (test.value == test.mask && std::has_single_bit(test.mask)) return {set, test.mask, {}, false};
  return compare;
}

// Instructions are counted from the end of the program: a jump goes from a higher place to a lower one.
class Assembler {
 public:
  Assembler(const Graph& graph, Graph::Id root, PassSet passes)
      : graph_(graph),
        root_(root),
        passes_(passes),
        missing_(graph.size(), Missing::kNothing),
        entry_(graph.size(), kNowhere),
        detour_(graph.size(), kNowhere) {}

  Program Run() {
    PutInOrder();
    for (const Graph::Id id : order_) Emit(id);
    std::ranges::reverse(backwards_);
    return std::move(backwards_);
  }

 private:
  Held HeldAfter(const Graph::Node& node) const {
    if (!passes_.Has(Pass::kReuseLoads)) return {};
    return {node.test.word, PlanOf(node.test, passes_).mask.value_or(UINT32_MAX)};
  }

  Missing MissingBetween(const Graph::Node& from, const Graph::Node& to) const {
    const Held held = HeldAfter(from);
    const uint32_t mask = PlanOf(to.test, passes_).mask.value_or(UINT32_MAX);
    if (held.word != to.test.word || (held.mask & mask) != mask) return Missing::kWord;
    return held.mask == mask ? Missing::kNothing : Missing::kMask;
  }

  // Children before parents, and for each test the most that is missing on some way to it.
  void PutInOrder() {
    std::vector<bool> seen(graph_.size());
    std::vector<std::pair<Graph::Id, int>> open = {{root_, 0}};
    seen[root_] = true;
    missing_[root_] = Missing::kWord;
    while (!open.empty()) {
      auto& [id, step] = open.back();
      const Graph::Node& node = graph_.at(id);
      if (node.returns || step == 2) {
        order_.push_back(id);
        open.pop_back();
        continue;
      }
      // The "no" side first: the "yes" side then follows its test directly.
      const Graph::Id child = step++ == 0 ? node.no : node.yes;
      if (!graph_.at(child).returns)
        missing_[child] = std::max(missing_[child], MissingBetween(node, graph_.at(child)));
      if (seen[child]) continue;
      seen[child] = true;
      open.emplace_back(child, 0);
    }
  }

  size_t Here() const { return backwards_.size(); }  // the place of the next instruction
  void Put(uint16_t code, uint32_t operand, size_t yes = 0, size_t no = 0) {
    backwards_.push_back({code, static_cast<uint8_t>(yes), static_cast<uint8_t>(no), operand});
  }

  void Emit(Graph::Id id) {
    const Graph::Node& node = graph_.at(id);
    if (node.returns) {
      PutReturn(id);
      return;
    }
    const Plan plan = PlanOf(node.test, passes_);
    const Graph::Id taken = plan.swapped ? node.no : node.yes;
    const Graph::Id passed = plan.swapped ? node.yes : node.no;
    // A detour for one way may push the other one out of reach.
    while (!Reaches(node, taken) || !Reaches(node, passed)) MakeDetour(Reaches(node, taken) ? passed : taken);
    Put(plan.code, plan.operand, Distance(node, taken), Distance(node, passed));
    if (Masks(id)) Put(BPF_ALU | BPF_AND | BPF_K, *plan.mask);
    if (Loads(id)) Put(BPF_LD | BPF_W | BPF_ABS, node.test.word * 4u);
    entry_[id] = Here() - 1;
  }

  bool Loads(Graph::Id id) const { return missing_[id] == Missing::kWord; }
  bool Masks(Graph::Id id) const {
    return missing_[id] != Missing::kNothing && PlanOf(graph_.at(id).test, passes_).mask;
  }

  void PutReturn(Graph::Id id) {
    Put(BPF_RET | BPF_K, graph_.at(id).value);
    entry_[id] = Here() - 1;
  }

  void MakeDetour(Graph::Id to) {
    if (graph_.at(to).returns) {
      PutReturn(to);
      return;
    }
    Put(BPF_JMP | BPF_JA, static_cast<uint32_t>(Here() - entry_[to] - 1));
    detour_[to] = Here() - 1;
  }

  bool IsNear(size_t place) const { return place != kNowhere && Here() - place - 1 <= kMaxJump; }

  // Where a way from `from` enters `to`: behind what it does not need; kNowhere if out of reach.
  size_t Landing(const Graph::Node& from, Graph::Id to) const {
    const size_t entry = entry_[to] - (graph_.at(to).returns ? 0 : Skipped(from, to));
    if (IsNear(entry)) return entry;
    return IsNear(detour_[to]) ? detour_[to] : kNowhere;
  }

  size_t Skipped(const Graph::Node& from, Graph::Id to) const {
    const Missing missing = MissingBetween(from, graph_.at(to));
    const bool load = Loads(to) && missing != Missing::kWord;
    const bool mask = Masks(to) && missing == Missing::kNothing;
    return size_t{load} + size_t{mask};
  }

  bool Reaches(const Graph::Node& from, Graph::Id to) const { return Landing(from, to) != kNowhere; }
  size_t Distance(const Graph::Node& from, Graph::Id to) const { return Here() - Landing(from, to) - 1; }

  const Graph& graph_;
  Graph::Id root_;
  PassSet passes_;
  std::vector<Missing> missing_;
  std::vector<Graph::Id> order_;
  std::vector<size_t> entry_;
  std::vector<size_t> detour_;  // the nearest long jump to a node
  Program backwards_;
};

}  // namespace

Program Assemble(const Graph& graph, Graph::Id root, PassSet passes) {
  return Assembler(graph, root, passes).Run();
}

}  // namespace whittle::filter
