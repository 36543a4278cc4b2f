#include "filter/assemble.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace whittle::filter {
namespace {

constexpr size_t kMaxJump = 255;
constexpr size_t kNowhere = SIZE_MAX;
constexpr int kNoWord = -1;

// How a test is carried out.
struct Plan {
  uint16_t code = 0;
  uint32_t operand = 0;
  std::optional<uint32_t> mask;  // an AND in front of it, which destroys the accumulator
  bool swapped = false;          // the jump is taken where the test fails
};

Plan PlanOf(const WordTest& test) {
  switch (test.op) {
    case WordTest::Op::kEqual: return {BPF_JMP | BPF_JEQ | BPF_K, test.value, {}, false};
    case WordTest::Op::kAtLeast: return {BPF_JMP | BPF_JGE | BPF_K, test.value, {}, false};
    case WordTest::Op::kMasked: break;
  }
  const uint16_t set = BPF_JMP | BPF_JSET | BPF_K;
  if (test.value == 0) return {set, test.mask, {}, true};
  if (test.value == test.mask && std::has_single_bit(test.mask)) return {set, test.mask, {}, false};
  return {BPF_JMP | BPF_JEQ | BPF_K, test.value, test.mask, false};
}

class Assembler {
 public:
  Assembler(const Graph& graph, Graph::Id root)
      : graph_(graph), root_(root), loads_(graph.size()), entry_(graph.size(), kNowhere), long_jump_(entry_) {}

  Program Run() {
    FindLoads();
    for (const Graph::Id id : order_) Emit(id);
    // The root stands first unless it is one of the returns.
    std::ranges::reverse(backwards_);
    return std::move(backwards_);
  }

 private:
  static int WordAfter(const Graph::Node& node) {
    return PlanOf(node.test).mask ? kNoWord : static_cast<int>(node.test.word);
  }

  // Children before parents, and for each test whether some way to it arrives without its word.
  void FindLoads() {
    std::vector<bool> seen(graph_.size());
    std::vector<std::pair<Graph::Id, int>> open = {{root_, 0}};
    seen[root_] = true;
    loads_[root_] = true;
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
      if (!graph_.at(child).returns && WordAfter(node) != graph_.at(child).test.word) loads_[child] = true;
      if (seen[child]) continue;
      seen[child] = true;
      open.emplace_back(child, 0);
    }
  }

  size_t Here() const { return backwards_.size(); }  // where the next instruction will stand, counted from the end
  void Put(uint16_t code, uint32_t operand, size_t yes = 0, size_t no = 0) {
    backwards_.push_back({code, static_cast<uint8_t>(yes), static_cast<uint8_t>(no), operand});
  }

  void Emit(Graph::Id id) {
    const Graph::Node& node = graph_.at(id);
    if (node.returns) {
      PutReturn(id);
      return;
    }
    const Plan plan = PlanOf(node.test);
    const Graph::Id taken = plan.swapped ? node.no : node.yes;
    const Graph::Id passed = plan.swapped ? node.yes : node.no;
    MakeReachable(taken, node);
    MakeReachable(passed, node);
    MakeReachable(taken, node);  // the way to the other one may have pushed it out of reach
    Put(plan.code, plan.operand, Distance(taken, node), Distance(passed, node));
    if (plan.mask) Put(BPF_ALU | BPF_AND | BPF_K, *plan.mask);
    if (loads_[id]) Put(BPF_LD | BPF_W | BPF_ABS, node.test.word * 4u);
    entry_[id] = Here() - 1;
  }

  void PutReturn(Graph::Id id) {
    Put(BPF_RET | BPF_K, graph_.at(id).value);
    entry_[id] = Here() - 1;
  }

  // The place where a way from `from` enters `to`: behind its load if the word is there already.
  size_t Entry(Graph::Id to, const Graph::Node& from) const {
    const Graph::Node& node = graph_.at(to);
    const bool skips_load = !node.returns && loads_[to] && WordAfter(from) == node.test.word;
    return entry_[to] - (skips_load ? 1 : 0);
  }

  bool Near(size_t place) const { return place != kNowhere && Here() - place - 1 <= kMaxJump; }

  // One slot is left for a detour that the other way of the same test may still need.
  void MakeReachable(Graph::Id to, const Graph::Node& from) {
    const bool near = Here() - Entry(to, from) <= kMaxJump;
    if (near) return;
    if (graph_.at(to).returns) {
      PutReturn(to);
      return;
    }
    if (long_jump_[to] != kNowhere && Here() - long_jump_[to] <= kMaxJump) return;
    // Enters at the load, if there is one: the detour is shared by ways that hold the word and ways that do not.
    Put(BPF_JMP | BPF_JA, static_cast<uint32_t>(Here() - entry_[to] - 1));
    long_jump_[to] = Here() - 1;
  }

  size_t Distance(Graph::Id to, const Graph::Node& from) const {
    const size_t entry = Entry(to, from);
    return Here() - (Near(entry) ? entry : long_jump_[to]) - 1;
  }

  const Graph& graph_;
  Graph::Id root_;
  std::vector<bool> loads_;
  std::vector<Graph::Id> order_;
  std::vector<size_t> entry_;
  std::vector<size_t> long_jump_;  // the nearest detour to a node
  Program backwards_;
};

}  // namespace

Program Assemble(const Graph& graph, Graph::Id root) { return Assembler(graph, root).Run(); }

}  // namespace whittle::filter
