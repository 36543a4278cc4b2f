// Decision diagrams: what a filter answers, for every call at once, in a form where equal meanings are equal
// numbers. Pure; not thread safe: one thread owns a store.
//
// A diagram asks one bit of the call after another, always in the same order, and ends in a leaf: false,
// true, a verdict, or a pair of verdicts. Nodes are shared and no question is asked whose answer does not
// matter, so two diagrams of one store mean the same exactly if they are the same node (Bryant 1986). That
// makes "the same for all 2^512 calls" one comparison.
//
// Cost: an operation visits each pair of nodes once. Diagrams of filters that compare words with constants
// have some ten nodes for each bit compared; those of comparisons between two words, or of products, can
// explode. So a store has a budget of nodes, and of steps (kStepsPerNode for each of these): beyond it, it is
// `exhausted`, every answer is meaningless, and whoever asks must say "undecided".
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace whittle::prove {

using Node = uint32_t;

// A verdict as anyone can see it: an action that the kernel does not know kills the process, data count only
// where the action carries them, and an errno above 4095 is 4095 (kernel/seccomp.c, MAX_ERRNO).
uint32_t Canonical(uint32_t return_value);

inline constexpr size_t kStepsPerNode = 8;

// The sixteen words of struct seccomp_data, as they lie in memory: 0 number, 1 architecture, 2 and 3
// instruction pointer, from 4 on the arguments, two words each.
inline constexpr int kWords = 16;
inline constexpr int kWordBits = 32;
inline constexpr int kNumberWord = 0;
inline constexpr int kArchWord = 1;

// Which bit of which word is asked when. Architecture and number always come first, most significant bits
// first.
enum class Order {
  kByWord,  // word after word: small for comparisons with constants
  kByBit,   // the highest bits of all words, then the next: small for comparisons between words
};

class Diagrams {
 public:
  static constexpr Node kFalse = 0;
  static constexpr Node kTrue = 1;

  Diagrams(Order order, size_t node_budget);

  // True where the bit is set. Bit 0 is the least significant.
  Node Bit(int word, int bit) { return Ask(word, bit, kTrue, kFalse); }
  // The diagram that asks the bit and goes on in `yes` or `no`, which ask only what is asked later.
  Node Ask(int word, int bit, Node yes, Node no) { return Make(LevelOf(word, bit), no, yes); }
  // A leaf that is a verdict: the value that a filter returns (SECCOMP_RET_*), as it is.
  Node Verdict(uint32_t value);
  // A leaf of two verdicts.
  Node Pair(Node verdict_a, Node verdict_b);

  // `condition` ends in true and false only; `yes` and `no` in anything.
  Node Choose(Node condition, Node yes, Node no);
  Node Not(Node condition) { return Choose(condition, kFalse, kTrue); }
  Node And(Node a, Node b) { return Choose(a, b, kFalse); }
  Node Or(Node a, Node b) { return Choose(a, kTrue, b); }
  Node Xor(Node a, Node b) { return Choose(a, Not(b), b); }

  // Whether `b` is true wherever `a` is; both end in true and false only. Builds nothing.
  bool Implies(Node a, Node b);

  // A word and a constant.
  struct Comparison {
    enum class Relation : uint8_t { kEqual, kGreater, kGreaterOrEqual };
    int word = 0;
    Relation relation = Relation::kEqual;
    uint32_t constant = 0;
  };
  // Choose() with that as the condition: most of what filters ask, and quicker, since the condition itself
  // needs no diagram.
  Node Choose(const Comparison& comparison, Node yes, Node no);

  // What joins two diagrams of verdicts, leaf by leaf.
  enum class Join : uint8_t {
    kStack,        // what the kernel makes of two stacked filters, `a` installed first
    kDifferences,  // false where anyone would see the same, else a pair
  };
  Node Combine(Join join, Node a, Node b);
  // The same with any function of two leaves to a leaf; what it found is remembered for this call only.
  template <typename JoinLeaves>
  Node Together(Node a, Node b, JoinLeaves join_leaves) {
    std::unordered_map<uint64_t, Node> known;
    return Together(a, b, join_leaves, known);
  }

  // The diagram under the assumption that a word has this value; the word must be the first that it asks.
  Node Assume(Node node, int word, uint32_t value) const;

  // The same wherever it asks the word.
  Node AssumeAnywhere(Node node, int word, uint32_t value) {
    std::unordered_map<Node, Node> known;
    return AssumeAnywhere(node, word, value, known);
  }

  // The leaf that a call ends in; `words` as in struct seccomp_data.
  Node LeafOf(Node node, std::span<const uint32_t, kWords> words) const;

  bool IsLeaf(Node node) const { return nodes_[node].level >= kLeafLevels; }
  bool IsPair(Node node) const { return nodes_[node].level == kPairLevel; }
  uint32_t VerdictOf(Node leaf) const { return nodes_[leaf].no; }
  Node First(Node pair) const { return nodes_[pair].no; }
  Node Second(Node pair) const { return nodes_[pair].yes; }

  // For walks: the children, and what a node that is no leaf asks.
  Node No(Node node) const { return nodes_[node].no; }
  Node Yes(Node node) const { return nodes_[node].yes; }
  int WordOf(Node node) const { return places_[nodes_[node].level].word; }
  int BitOf(Node node) const { return places_[nodes_[node].level].bit; }

  bool exhausted() const { return exhausted_; }
  // A budget of so many nodes more, for a store that is not exhausted.
  void Extend(size_t node_budget);
  // Ends in `exhausted` for a reason of the caller's.
  void Exhaust() { exhausted_ = true; }
  size_t size() const { return nodes_.size(); }

 private:
  static constexpr uint16_t kLevels = kWords * kWordBits;
  static constexpr uint16_t kLeafLevels = kLevels;
  static constexpr uint16_t kTruthLevel = kLevels;
  static constexpr uint16_t kVerdictLevel = kLevels + 1;
  static constexpr uint16_t kPairLevel = kLevels + 2;

  struct Question {
    uint16_t level;
    Node no;   // leaves: the verdict, or the first of a pair
    Node yes;  // leaves: the second of a pair
  };
  struct Place {
    uint8_t word;
    uint8_t bit;
  };
  struct Known {
    Node a = 0;
    Node b = 0;
    Node c = 0;
    uint32_t operation = 0;  // 0: an empty place
    Node result = 0;
  };

  template <typename JoinLeaves>
  Node Together(Node a, Node b, JoinLeaves& join_leaves, std::unordered_map<uint64_t, Node>& known) {
    if (IsLeaf(a) && IsLeaf(b)) return join_leaves(a, b);
    if (Spent()) return kFalse;
    const uint64_t both = uint64_t{a} << 32 | b;
    if (const auto found = known.find(both); found != known.end()) return found->second;
    const uint16_t level = std::min(LevelOf(a), LevelOf(b));
    const Node no = Together(Branch(a, level, false), Branch(b, level, false), join_leaves, known);
    const Node yes = Together(Branch(a, level, true), Branch(b, level, true), join_leaves, known);
    const Node result = Make(level, no, yes);
    known.emplace(both, result);
    return result;
  }
  bool Spent();
  Node Make(uint16_t level, Node no, Node yes);
  Node AssumeAnywhere(Node node, int word, uint32_t value, std::unordered_map<Node, Node>& known);
  void Grow();
  Known& Remembered(uint32_t operation, Node a, Node b, Node c);
  Node JoinLeaves(Join join, Node a, Node b);
  uint16_t LevelOf(int word, int bit) const { return levels_[static_cast<size_t>(word * kWordBits + bit)]; }
  uint16_t LevelOf(Node node) const { return nodes_[node].level; }
  Node Branch(Node node, uint16_t level, bool yes) const;
  bool AsksBefore(Node node, int word) const;

  std::vector<Place> places_;     // by level
  std::vector<uint16_t> levels_;  // by word * 32 + bit
  std::vector<Question> nodes_;
  std::vector<Node> table_;   // hash table of nodes; 0: empty
  std::vector<Known> known_;  // results of operations; a later one takes the place of an earlier one
  size_t budget_;
  size_t steps_left_;  // of operations: what is asked again and again costs time, but no nodes
  bool exhausted_ = false;
};

}  // namespace whittle::prove
