#include "advise/pattern.h"

#include <algorithm>

#include "prove/node_map.h"

namespace whittle::advise {
namespace {

using prove::Diagrams;
using prove::Node;

constexpr size_t kMostSteps = 512;

// Minato's and Morreale's cover: what one value of a bit needs, then what the other one needs, then what is
// left and needs neither. It is small, and each of its patterns is as wide as it may be; what is read best is
// as narrow as it may be.
class Cover {
 public:
  Cover(Diagrams& diagrams, int quantity, size_t most)
      : diagrams_(diagrams), quantity_(quantity), most_(most) {}

  std::optional<std::vector<Span>> Of(Node set) {
    (void)Find(set, set, {0, 0, 0});
    if (too_many_) return std::nullopt;
    CutDown();
    return std::move(patterns_);
  }

 private:
  struct Halved {
    Node no;
    Node yes;
  };
  Halved At(Node node, int place) const {
    const bool asks = !diagrams_.IsLeaf(node) && PlaceOf(diagrams_, node) == place;
    return asks ? Halved{diagrams_.No(node), diagrams_.Yes(node)} : Halved{node, node};
  }
  int PlaceOrNone(Node node) const { return diagrams_.IsLeaf(node) ? -1 : PlaceOf(diagrams_, node); }
  Node NodeOfPattern(const Span& pattern) { return NodeOf(diagrams_, Values{{pattern}}, quantity_); }
  Node Less(Node a, Node b) { return diagrams_.And(a, diagrams_.Not(b)); }

  // Patterns that cover what must be in, and nothing that must not be; all in `before`. Returns what they
  // cover.
  Node Find(Node must, Node may, const Span& before) {
    if (must == Diagrams::kFalse || too_many_) return Diagrams::kFalse;
    if (may == Diagrams::kTrue) {
      patterns_.push_back(before);
      too_many_ = patterns_.size() > most_;
      return Diagrams::kTrue;
    }
    too_many_ = ++steps_ > kMostSteps;
    const int place = std::max(PlaceOrNone(must), PlaceOrNone(may));
    const Halved musts = At(must, place);
    const Halved mays = At(may, place);
    // What the bit must tell apart, then what it need not.
    const uint64_t bit = uint64_t{1} << place;
    const uint64_t mask = before.mask | bit;
    const Node no = Find(Less(musts.no, mays.yes), mays.no, {mask, before.from, before.to});
    const Node yes = Find(Less(musts.yes, mays.no), mays.yes, {mask, before.from | bit, before.to | bit});
    const Node rest = diagrams_.Or(Less(musts.no, no), Less(musts.yes, yes));
    const Node both = Find(rest, diagrams_.And(mays.no, mays.yes), before);
    const Halves halves = HalvesOf(quantity_);
    return diagrams_.Ask(place < prove::kWordBits ? halves.low : halves.high, place % prove::kWordBits,
                         diagrams_.Or(yes, both), diagrams_.Or(no, both));
  }

  // Each pattern to what no other one covers; those that others cover go.
  void CutDown() {
    for (size_t at = 0; at < patterns_.size();) {
      Node own = NodeOfPattern(patterns_[at]);
      for (size_t other = 0; other < patterns_.size(); ++other) {
        if (other != at) own = Less(own, NodeOfPattern(patterns_[other]));
      }
      if (own == Diagrams::kFalse) {
        patterns_.erase(patterns_.begin() + static_cast<std::ptrdiff_t>(at));
      } else {
        patterns_[at++] = PatternOf(diagrams_, own, quantity_);
      }
    }
  }

  Diagrams& diagrams_;
  int quantity_;
  size_t most_;
  std::vector<Span> patterns_;
  size_t steps_ = 0;
  bool too_many_ = false;
};

}  // namespace

Span PatternOf(Diagrams& diagrams, Node set, int quantity) {
  const Halves halves = HalvesOf(quantity);
  Span pattern{0, 0, 0};
  for (int bit = 0; bit < 2 * prove::kWordBits; ++bit) {
    const Node asked =
        diagrams.Bit(bit < prove::kWordBits ? halves.low : halves.high, bit % prove::kWordBits);
    const bool always = diagrams.Implies(set, asked);
    if (!always && !diagrams.Implies(set, diagrams.Not(asked))) continue;
    pattern.mask |= uint64_t{1} << bit;
    if (always) pattern.from |= uint64_t{1} << bit;
  }
  pattern.to = pattern.from;
  return pattern;
}

Node Beside(Diagrams& diagrams, Node set, const Span& pattern) {
  prove::NodeMap<Node> known;
  const auto visit = [&](const auto& self, Node node) -> Node {
    if (diagrams.IsLeaf(node)) return node;
    const uint64_t bit = uint64_t{1} << PlaceOf(diagrams, node);
    if ((pattern.mask & bit) != 0)
      return self(self, (pattern.from & bit) != 0 ? diagrams.Yes(node) : diagrams.No(node));
    if (const Node* found = known.Find(node)) return *found;
    const Node no = self(self, diagrams.No(node));
    const Node yes = self(self, diagrams.Yes(node));
    const Node beside = diagrams.Ask(diagrams.WordOf(node), diagrams.BitOf(node), yes, no);
    known.Add(node, beside);
    return beside;
  };
  return visit(visit, set);
}

std::optional<std::vector<Span>> CoverOf(Diagrams& diagrams, Node set, int quantity, size_t most) {
  return Cover(diagrams, quantity, most).Of(set);
}

}  // namespace whittle::advise
