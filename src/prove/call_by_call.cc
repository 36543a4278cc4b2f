// The idea. Each filter is cut into dispatch and bodies (dispatch.h). The dispatches of all filters of both
// sides together give a small diagram over architecture and number, whose leaves are cases: which body of
// each filter a call reaches. A case is compared in a store of its own, so that what one case costs is not
// paid by others; what was decided is copied into one store, below the diagram of the cases.
//
// Why it is correct: a call ends in exactly one case, and the body of a filter does to it what the filter
// does. Cost: the budget is tried small first, since most bodies are small, and there is a purse for all.
#include "prove/call_by_call.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "prove/dispatch.h"
#include "prove/meaning.h"

namespace whittle::prove {
namespace {

constexpr size_t kBudgetsInPurse = 4;
constexpr size_t kFirstShare = 16;  // of the budget, for the first try of each case

using Case = std::vector<uint32_t>;  // for each filter, those of the first side first, the index of a body

// A side of one case, with the filters that it refers to.
struct OwnSide {
  std::vector<std::vector<filter::Program>> stacks;
  Pointwise how = Pointwise::kStrictest;

  Side View() const { return {{stacks.begin(), stacks.end()}, how}; }
};

bool Same(const OwnSide& a, const OwnSide& b) {
  const auto same_stack = [](const auto& x, const auto& y) {
    return std::ranges::equal(x, y, SameInstructions);
  };
  return (a.how == b.how || a.stacks.size() == 1) && std::ranges::equal(a.stacks, b.stacks, same_stack);
}

// What is known of a case, as nodes of the common store.
struct Known {
  Node first = Diagrams::kTrue;
  Node second = Diagrams::kTrue;
  Node differences = Diagrams::kTrue;
};

// A diagram in another store of the same order.
class Copying {
 public:
  Copying(const Diagrams& from, Diagrams& to) : from_(from), to_(to) {}

  Node Copy(Node node) {
    if (node <= Diagrams::kTrue) return node;
    if (const auto found = copied_.find(node); found != copied_.end()) return found->second;
    return copied_[node] = from_.IsLeaf(node) ? Leaf(node) : Inner(node);
  }

 private:
  Node Leaf(Node node) {
    if (from_.IsPair(node)) return to_.Pair(Copy(from_.First(node)), Copy(from_.Second(node)));
    return to_.Verdict(from_.VerdictOf(node));
  }
  Node Inner(Node node) {
    const Node no = Copy(from_.No(node));
    const Node yes = Copy(from_.Yes(node));
    return to_.Choose(to_.Bit(from_.WordOf(node), from_.BitOf(node)), yes, no);
  }

  const Diagrams& from_;
  Diagrams& to_;
  std::unordered_map<Node, Node> copied_;
};

// How many nodes a copy has; the store has those of every step as well.
size_t NodesOf(const SideBySide& sides) {
  const Diagrams& diagrams = *sides.diagrams;
  std::unordered_set<Node> seen;
  std::vector<Node> open = {sides.first, sides.second, sides.differences};
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    if (!seen.insert(node).second || diagrams.IsLeaf(node)) continue;
    open.push_back(diagrams.No(node));
    open.push_back(diagrams.Yes(node));
  }
  return seen.size();
}

class Cases {
 public:
  Cases(const Side& first, const Side& second, size_t node_budget)
      : sides_{&first, &second}, node_budget_(node_budget), keys_(Order::kByWord, node_budget) {}

  // False if some filter cannot be cut.
  bool Find() {
    root_ = keys_.Verdict(0);
    cases_ = {Case{}};
    for (const Side* side : sides_) {
      for (const auto stack : side->stacks) {
        for (const auto& program : stack) {
          auto dispatch = DispatchOf(program);
          if (!dispatch) return false;
          Divide(MeaningOf(keys_, std::span<const sock_filter>(dispatch->keys)));
          if (keys_.exhausted()) return false;
          dispatches_.push_back(std::move(*dispatch));
        }
      }
    }
    return true;
  }

  SideBySide Compare(Order order) const {
    SideBySide all;
    all.order = order;
    // Half of it for what is decided: the diagram of the cases must have room in any case.
    all.diagrams = std::make_unique<Diagrams>(order, 2 * node_budget_);
    std::vector<Known> known(cases_.size());
    size_t purse = kBudgetsInPurse * node_budget_;
    for (const size_t budget : {node_budget_ / kFirstShare, node_budget_}) {
      for (size_t at = 0; at < cases_.size(); ++at) {
        if (known[at].differences == Diagrams::kTrue)
          known[at] = Decide(cases_[at], all, std::min(budget, purse), purse);
      }
    }
    all.undecided = static_cast<size_t>(std::ranges::count(known, Diagrams::kTrue, &Known::differences));
    all.first = Below(*all.diagrams, known, &Known::first);
    all.second = Below(*all.diagrams, known, &Known::second);
    all.differences = Below(*all.diagrams, known, &Known::differences);
    if (all.decided()) all.diagrams->Extend(node_budget_);
    return all;
  }

 private:
  // Tells apart what this diagram of indexes tells apart.
  void Divide(Node indexes) {
    std::map<Case, uint32_t> numbers;
    std::vector<Case> divided;
    root_ = keys_.Together(root_, indexes, [&](Node before, Node index) {
      Case reached = cases_[keys_.VerdictOf(before)];
      reached.push_back(keys_.VerdictOf(index));
      const auto [at, is_new] = numbers.try_emplace(reached, static_cast<uint32_t>(divided.size()));
      if (is_new) divided.push_back(std::move(reached));
      return keys_.Verdict(at->second);
    });
    cases_ = std::move(divided);
  }

  // One side of a case; `filter` is that of its first filter, and that of the next side's afterwards.
  OwnSide BodiesOf(const Side& side, const Case& reached, size_t& filter) const {
    OwnSide bodies{{}, side.how};
    for (const auto stack : side.stacks) {
      auto& programs = bodies.stacks.emplace_back();
      for (size_t i = 0; i < stack.size(); ++i, ++filter)
        programs.push_back(dispatches_[filter].bodies[reached[filter]]);
    }
    return bodies;
  }

  Known Decide(const Case& reached, const SideBySide& all, size_t budget, size_t& purse) const {
    size_t filter = 0;
    const OwnSide first = BodiesOf(*sides_[0], reached, filter);
    const OwnSide second = BodiesOf(*sides_[1], reached, filter);
    // What is equal to itself is so, however much it is.
    const Known open{Diagrams::kTrue, Diagrams::kTrue,
                     Same(first, second) ? Diagrams::kFalse : Diagrams::kTrue};
    const SideBySide one = PutInOrder(all.order, first.View(), second.View(), budget);
    purse -= std::min(purse, one.diagrams->size());
    if (!one.decided() || all.diagrams->size() + NodesOf(one) > node_budget_) return open;
    Copying copying(*one.diagrams, *all.diagrams);
    return {copying.Copy(one.first), copying.Copy(one.second), copying.Copy(one.differences)};
  }

  // The diagram of the cases with what is known of each in its place.
  Node Below(Diagrams& diagrams, const std::vector<Known>& known, Node Known::* member) const {
    std::unordered_map<Node, Node> done;
    const auto visit = [&](const auto& self, Node node) -> Node {
      if (keys_.IsLeaf(node)) return known[keys_.VerdictOf(node)].*member;
      if (const auto found = done.find(node); found != done.end()) return found->second;
      const Node no = self(self, keys_.No(node));
      const Node yes = self(self, keys_.Yes(node));
      const Node asked = diagrams.Bit(keys_.WordOf(node), keys_.BitOf(node));
      return done[node] = diagrams.Choose(asked, yes, no);
    };
    return visit(visit, root_);
  }

  const Side* sides_[2];
  size_t node_budget_;
  Diagrams keys_;
  Node root_ = Diagrams::kFalse;  // leaves: indexes into cases_
  std::vector<Case> cases_;
  std::vector<Dispatch> dispatches_;  // of each filter
};

}  // namespace

std::optional<SideBySide> CompareCallByCall(const Side& first, const Side& second, size_t node_budget) {
  Cases cases(first, second, node_budget);
  if (!cases.Find()) return std::nullopt;
  SideBySide by_word = cases.Compare(Order::kByWord);
  if (by_word.decided() && by_word.undecided == 0) return by_word;
  SideBySide by_bit = cases.Compare(Order::kByBit);
  const bool better = by_bit.decided() && (!by_word.decided() || by_bit.undecided < by_word.undecided);
  SideBySide& best = better ? by_bit : by_word;
  if (!best.decided()) return std::nullopt;
  return std::move(best);
}

}  // namespace whittle::prove
