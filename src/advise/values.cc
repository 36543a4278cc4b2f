// The idea. A set of 64-bit values can be said in four kinds of ways: the runs of values in it, the runs that
// it leaves out, the patterns of bits in it (paths to true of its diagram), or those that it leaves out. All
// are taken, and the one that is shortest to read wins. Where all are too long, two more are tried:
//
// - Patterns that overlap: "(v & 3) == 0 or v == 0x80001", which is sixty patterns that do not.
// - A pattern without some values: "(v & 3) == 0 and v != 0x80000". The bits that all values of the set have
//   alike are the pattern; what it has and the set has not is said in one of the ways above.
//
// Runs are runs of what is left under a mask: of all bits or of the low half, if nothing else matters, or of
// exactly the bits that matter. That makes "the low half is 5" a point under a mask instead of 2^32 points,
// and (flags & 3) != 0 the complement of one.
//
// Why it is correct: each is a list of pieces whose union is the set or its complement; the mask takes away
// only bits that no question asks; and who reads a condition turns all of it back into a diagram
// (condition.cc). Cost: runs and patterns are counted up to a bound, kept up to a smaller one; a cover has a
// bound of steps.
#include "advise/values.h"

#include <algorithm>
#include <bit>
#include <set>

#include "advise/pattern.h"
#include "prove/node_map.h"

namespace whittle::advise {
namespace {

using prove::Diagrams;
using prove::Node;

constexpr size_t kListed = 8;        // spans that a person still reads
constexpr uint64_t kCounted = 1000;  // further ones that are worth a count
constexpr int kBits = 64;

uint64_t BitsThatMatter(const Diagrams& diagrams, Node set) {
  uint64_t mask = 0;
  std::set<Node> seen;
  std::vector<Node> open = {set};
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    if (diagrams.IsLeaf(node) || !seen.insert(node).second) continue;
    mask |= uint64_t{1} << PlaceOf(diagrams, node);
    open.push_back(diagrams.No(node));
    open.push_back(diagrams.Yes(node));
  }
  return mask;
}

// The way to say a set that is found so far.
struct Pieces {
  std::vector<Span> spans;
  uint64_t more = 0;
  bool counted = true;

  bool Full() const { return more >= kCounted; }
  void Add(const Span& span) {
    if (spans.size() < kListed) {
      spans.push_back(span);
    } else {
      ++more;
    }
    if (Full()) counted = false;
  }
};

// Runs of values in the set and outside, in order.
class Runs {
 public:
  Runs(const Diagrams& diagrams, Node set, uint64_t mask) : diagrams_(diagrams), mask_(mask) {
    Visit(set, kBits, 0);
    Close();
  }
  const Pieces& inside() const { return inside_; }
  const Pieces& outside() const { return outside_; }

 private:
  void Visit(Node node, int bit, uint64_t value) {
    if (inside_.Full() || outside_.Full()) return;
    const uint64_t below = bit == kBits ? mask_ : mask_ & ((uint64_t{1} << bit) - 1);
    if (diagrams_.IsLeaf(node)) return Note(node == Diagrams::kTrue, value, value | below);
    // A bit that this part does not ask, but others do, splits the values as well.
    const int next = std::bit_width(below) - 1;
    const bool asks = PlaceOf(diagrams_, node) == next;
    Visit(asks ? diagrams_.No(node) : node, next, value);
    Visit(asks ? diagrams_.Yes(node) : node, next, value | uint64_t{1} << next);
  }

  void Note(bool in, uint64_t from, uint64_t to) {
    if (started_ && in == in_) {
      run_.to = to;
      return;
    }
    Close();
    started_ = true;
    in_ = in;
    run_ = {mask_, from, to};
  }

  void Close() {
    if (started_) (in_ ? inside_ : outside_).Add(run_);
  }

  const Diagrams& diagrams_;
  uint64_t mask_;
  Pieces inside_, outside_;
  Span run_;
  bool in_ = false;
  bool started_ = false;
};

// Patterns of bits that lead to `end`.
class Patterns {
 public:
  Patterns(const Diagrams& diagrams, Node set, Node end) : diagrams_(diagrams), end_(end) {
    Visit(set, 0, 0);
  }
  const Pieces& pieces() const { return pieces_; }

 private:
  void Visit(Node node, uint64_t mask, uint64_t value) {
    if (pieces_.Full()) return;
    if (diagrams_.IsLeaf(node)) {
      if (node == end_) pieces_.Add({mask, value, value});
      return;
    }
    const uint64_t bit = uint64_t{1} << PlaceOf(diagrams_, node);
    Visit(diagrams_.No(node), mask | bit, value);
    Visit(diagrams_.Yes(node), mask | bit, value | bit);
  }

  const Diagrams& diagrams_;
  Node end_;
  Pieces pieces_;
};

Values Said(const Pieces& pieces, bool all_but) {
  return {pieces.spans, all_but, pieces.more, pieces.counted};
}

bool IsWhole(uint64_t mask) { return mask == UINT64_MAX || mask == UINT32_MAX; }

// Of one member of a list.
size_t CostOf(const Span& span) {
  if (span.IsPoint()) return 1;
  return span.from == 0 || span.to == span.mask ? 2 : 3;
}

// Where the masked value of a quantity is at least, or at most, a bound: from the lowest bit on, each step is
// one node above the last.
class Bounds {
 public:
  Bounds(Diagrams& diagrams, int quantity, uint64_t mask)
      : diagrams_(diagrams), halves_(HalvesOf(quantity)), mask_(mask) {}

  Node AtLeast(uint64_t bound) { return Build(bound, Diagrams::kTrue, Diagrams::kFalse); }
  Node AtMost(uint64_t bound) { return Build(bound, Diagrams::kFalse, Diagrams::kTrue); }
  Node Equal(uint64_t value) { return Build(value, Diagrams::kFalse, Diagrams::kFalse); }

 private:
  Node Build(uint64_t bound, Node above, Node below) {
    Node node = Diagrams::kTrue;
    for (int bit = 0; bit < kBits; ++bit) {
      if ((mask_ >> bit & 1) == 0) continue;
      const int word = bit < prove::kWordBits ? halves_.low : halves_.high;
      const bool set = (bound >> bit & 1) != 0;
      node = diagrams_.Ask(word, bit % prove::kWordBits, set ? node : above, set ? below : node);
    }
    return node;
  }

  Diagrams& diagrams_;
  Halves halves_;
  uint64_t mask_;
};

// A list of what is left out says too much as long as it is not complete.
size_t CostOf(const Values& values) {
  constexpr size_t kUseless = SIZE_MAX;
  return values.all_but && !values.complete() ? kUseless : values.Cost();
}

Values Shortest(const std::vector<Values>& ways) {
  return *std::ranges::min_element(ways, {}, [](const Values& way) { return CostOf(way); });
}

// As disjoint pieces.
Values PlainListOf(const Diagrams& diagrams, Node set) {
  const uint64_t exact = BitsThatMatter(diagrams, set);
  const uint64_t whole = exact <= UINT32_MAX ? UINT32_MAX : UINT64_MAX;
  std::vector<Values> ways;
  for (const uint64_t mask : {whole, exact}) {
    const Runs runs(diagrams, set, mask);
    ways.push_back(Said(runs.inside(), false));
    ways.push_back(Said(runs.outside(), true));
  }
  ways.push_back(Said(Patterns(diagrams, set, Diagrams::kTrue).pieces(), false));
  ways.push_back(Said(Patterns(diagrams, set, Diagrams::kFalse).pieces(), true));
  return Shortest(ways);
}

Values ListOf(Diagrams& diagrams, Node set) {
  const Values plain = PlainListOf(diagrams, set);
  if (plain.complete()) return plain;
  std::vector<Values> covers;
  const int quantity = QuantityOf(diagrams.WordOf(set));
  if (auto inside = CoverOf(diagrams, set, quantity, kListed)) covers.push_back({std::move(*inside)});
  if (auto outside = CoverOf(diagrams, diagrams.Not(set), quantity, kListed))
    covers.push_back({std::move(*outside), true});
  return covers.empty() ? plain : Shortest(covers);
}

// All values whose low half some value of the set has.
Node WithAnyHighHalf(Diagrams& diagrams, Node set, int quantity) {
  Node any = Diagrams::kFalse;
  prove::NodeSet seen;
  std::vector<Node> open = {set};
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    if (!seen.Add(node)) continue;
    if (diagrams.IsLeaf(node) || diagrams.WordOf(node) != HalvesOf(quantity).high) {
      any = diagrams.Or(any, node);
    } else {
      open.push_back(diagrams.No(node));
      open.push_back(diagrams.Yes(node));
    }
  }
  return any;
}

// What lies in both of two lists.
using Both = std::vector<Values>;

size_t CostOf(const Both& both) {
  size_t cost = 0;
  for (const auto& values : both) cost += values.Cost();
  return cost;
}

void AddComplete(std::vector<Both>& ways, Both both) {
  if (std::ranges::all_of(both, &Values::complete)) ways.push_back(std::move(both));
}

// A larger set without some values.
void AddWithout(Diagrams& diagrams, Node set, Node larger, std::vector<Both>& ways) {
  if (larger == Diagrams::kTrue || larger == set) return;
  Values without = ListOf(diagrams, diagrams.And(larger, diagrams.Not(set)));
  without.all_but = !without.all_but;
  AddComplete(ways, {ListOf(diagrams, larger), without});
}

}  // namespace

Halves HalvesOf(int quantity) {
  const int first = quantity == kInstructionPointer ? 2 : 4 + 2 * quantity;
  return {first, first + 1};
}

int QuantityOf(int word) { return word < 4 ? kInstructionPointer : (word - 4) / 2; }

int PlaceOf(const Diagrams& diagrams, Node node) {
  const int word = diagrams.WordOf(node);
  return diagrams.BitOf(node) + (word == HalvesOf(QuantityOf(word)).high ? prove::kWordBits : 0);
}

bool Values::Contains(uint64_t value) const {
  return std::ranges::any_of(spans, [&](const Span& span) { return span.Contains(value); }) != all_but;
}

size_t Values::Cost() const {
  constexpr size_t kPattern = 4;  // each repeats the name and has a mask of its own
  const bool one_mask =
      std::ranges::all_of(spans, [&](const Span& span) { return span.mask == spans[0].mask; });
  if (!one_mask) return kPattern * (spans.size() + more);
  constexpr size_t kMask = 1;
  size_t cost = 1 + kPattern * more + (spans.empty() || IsWhole(spans.front().mask) ? 0 : kMask);
  for (const auto& span : spans) cost += CostOf(span);
  return cost;
}

std::vector<Values> ValuesOf(Diagrams& diagrams, Node set) {
  const Values plain = PlainListOf(diagrams, set);
  if (plain.complete()) return {plain};
  const int quantity = QuantityOf(diagrams.WordOf(set));
  std::vector<Both> ways;
  AddComplete(ways, {ListOf(diagrams, set)});
  const Values pattern{{PatternOf(diagrams, set, quantity)}};
  if (pattern.spans.front().mask != 0)
    AddComplete(ways, {pattern, ListOf(diagrams, Beside(diagrams, set, pattern.spans.front()))});
  AddWithout(diagrams, set, NodeOf(diagrams, pattern, quantity), ways);
  AddWithout(diagrams, set, WithAnyHighHalf(diagrams, set, quantity), ways);
  if (ways.empty()) return {plain};
  return *std::ranges::min_element(ways, {}, [](const Both& both) { return CostOf(both); });
}

Node NodeOf(Diagrams& diagrams, const Values& values, int quantity) {
  Node all = Diagrams::kFalse;
  for (const auto& span : values.spans) {
    Bounds bounds(diagrams, quantity, span.mask);
    const Node in = span.from == span.to ? bounds.Equal(span.from)
                                         : diagrams.And(bounds.AtLeast(span.from), bounds.AtMost(span.to));
    all = diagrams.Or(all, in);
  }
  return values.all_but ? diagrams.Not(all) : all;
}

}  // namespace whittle::advise
