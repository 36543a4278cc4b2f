#include "prove/diagram.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <array>

#include "filter/program.h"
#include "profile/action.h"

namespace whittle::prove {
namespace {

constexpr uint32_t kMaxErrno = 4095;
constexpr size_t kFirstTable = 1 << 13;
// Small diagrams should not pay for the memory of large ones.
constexpr size_t kFirstKnownResults = 1 << 12;
constexpr size_t kMostKnownResults = 1 << 18;

// Operations by number, in the memory of results.
constexpr uint32_t kChoose = 1;
constexpr uint32_t kImplies = 2;  // only what is so
constexpr uint32_t kFirstJoin = 3;

size_t Hash(uint64_t a, uint64_t b, uint64_t c) {
  uint64_t value = a * 0x9e3779b97f4a7c15ull;
  value = (value ^ (value >> 29) ^ b) * 0xbf58476d1ce4e5b9ull;
  value = (value ^ (value >> 32) ^ c) * 0x94d049bb133111ebull;
  return value ^ (value >> 31);
}

}  // namespace

uint32_t Canonical(uint32_t return_value) {
  const profile::Action action = profile::ActionOf(return_value);
  auto data = static_cast<uint16_t>(return_value & SECCOMP_RET_DATA);
  if (action == profile::Action::kErrno) data = static_cast<uint16_t>(std::min<uint32_t>(data, kMaxErrno));
  return profile::ReturnValue(action, profile::CarriesData(action) ? data : uint16_t{0});
}

Diagrams::Diagrams(Order order, size_t node_budget)
    : levels_(kLevels),
      table_(kFirstTable, 0),
      known_(kFirstKnownResults),
      budget_(node_budget),
      steps_left_(kStepsPerNode * node_budget) {
  const auto ask = [this](int word, int bit) {
    levels_[static_cast<size_t>(word * kWordBits + bit)] = static_cast<uint16_t>(places_.size());
    places_.push_back({static_cast<uint8_t>(word), static_cast<uint8_t>(bit)});
  };
  for (const int word : {1, 0}) {
    for (int bit = kWordBits - 1; bit >= 0; --bit) ask(word, bit);
  }
  // Arguments before the instruction pointer, high halves (little-endian) before low ones.
  constexpr int kRest[] = {5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14, 3, 2};
  if (order == Order::kByWord) {
    for (const int word : kRest) {
      for (int bit = kWordBits - 1; bit >= 0; --bit) ask(word, bit);
    }
  } else {
    for (int bit = kWordBits - 1; bit >= 0; --bit) {
      for (const int word : kRest) ask(word, bit);
    }
  }
  nodes_ = {{kTruthLevel, 0, 0}, {kTruthLevel, 1, 1}};
}

Node Diagrams::Verdict(uint32_t value) { return Make(kVerdictLevel, value, 0); }

Node Diagrams::Pair(Node verdict_a, Node verdict_b) { return Make(kPairLevel, verdict_a, verdict_b); }

Node Diagrams::Make(uint16_t level, Node no, Node yes) {
  if (level < kLeafLevels && no == yes) return no;
  const size_t mask = table_.size() - 1;
  size_t at = Hash(level, no, yes) & mask;
  for (; table_[at] != 0; at = (at + 1) & mask) {
    const Question& found = nodes_[table_[at]];
    if (found.level == level && found.no == no && found.yes == yes) return table_[at];
  }
  if (exhausted_ || nodes_.size() >= budget_) {
    exhausted_ = true;
    return kFalse;
  }
  const auto made = static_cast<Node>(nodes_.size());
  nodes_.push_back({level, no, yes});
  table_[at] = made;
  if (nodes_.size() * 2 > table_.size()) Grow();
  return made;
}

void Diagrams::Grow() {
  if (known_.size() < kMostKnownResults) known_.assign(known_.size() * 2, {});
  table_.assign(table_.size() * 2, 0);
  const size_t mask = table_.size() - 1;
  for (Node node = 2; node < nodes_.size(); ++node) {
    const Question& question = nodes_[node];
    size_t at = Hash(question.level, question.no, question.yes) & mask;
    while (table_[at] != 0) at = (at + 1) & mask;
    table_[at] = node;
  }
}

void Diagrams::Extend(size_t node_budget) {
  budget_ = nodes_.size() + node_budget;
  steps_left_ = kStepsPerNode * node_budget;
}

// Counts a step. True if there are none left.
bool Diagrams::Spent() {
  if (steps_left_ > 0) {
    --steps_left_;
  } else {
    exhausted_ = true;
  }
  return exhausted_;
}

Diagrams::Known& Diagrams::Remembered(uint32_t operation, Node a, Node b, Node c) {
  return known_[Hash(a | uint64_t{operation} << 32, b, c) & (known_.size() - 1)];
}

Node Diagrams::Branch(Node node, uint16_t level, bool yes) const {
  const Question& question = nodes_[node];
  if (question.level != level) return node;
  return yes ? question.yes : question.no;
}

Node Diagrams::Choose(Node condition, Node yes, Node no) {
  if (condition == kTrue || yes == no) return yes;
  if (condition == kFalse) return no;
  if (yes == kTrue && no == kFalse) return condition;
  if (Spent()) return kFalse;
  {
    const Known& known = Remembered(kChoose, condition, yes, no);
    if (known.operation == kChoose && known.a == condition && known.b == yes && known.c == no)
      return known.result;
  }
  const uint16_t level = std::min({LevelOf(condition), LevelOf(yes), LevelOf(no)});
  const Node if_no =
      Choose(Branch(condition, level, false), Branch(yes, level, false), Branch(no, level, false));
  const Node if_yes =
      Choose(Branch(condition, level, true), Branch(yes, level, true), Branch(no, level, true));
  const Node result = Make(level, if_no, if_yes);
  Remembered(kChoose, condition, yes, no) = {condition, yes, no, kChoose, result};
  return result;
}

bool Diagrams::Implies(Node a, Node b) {
  if (a == kFalse || b == kTrue || a == b) return true;
  // A diagram that is no leaf is false somewhere and true somewhere.
  if (a == kTrue || b == kFalse || Spent()) return false;
  {
    const Known& known = Remembered(kImplies, a, b, 0);
    if (known.operation == kImplies && known.a == a && known.b == b) return true;
  }
  const uint16_t level = std::min(LevelOf(a), LevelOf(b));
  for (const bool yes : {false, true}) {
    if (!Implies(Branch(a, level, yes), Branch(b, level, yes))) return false;
  }
  Remembered(kImplies, a, b, 0) = {a, b, 0, kImplies, kTrue};
  return true;
}

// True if something may be asked before the word's last bit that is not the word.
bool Diagrams::AsksBefore(Node node, int word) const {
  const uint16_t first = levels_[static_cast<size_t>(word * kWordBits + kWordBits - 1)];
  const uint16_t last = levels_[static_cast<size_t>(word * kWordBits)];
  const bool in_one_piece = last == first + kWordBits - 1;
  return LevelOf(node) < (in_one_piece ? first : kLeafLevels);
}

// Along the bits of the constant, from the highest: the first bit that differs decides, so there is one way
// on and one aside.
Node Diagrams::Choose(const Comparison& comparison, Node yes, Node no) {
  if (AsksBefore(yes, comparison.word) || AsksBefore(no, comparison.word))
    return Choose(Choose(comparison, kTrue, kFalse), yes, no);
  const auto level_of = [&](int bit) {
    return levels_[static_cast<size_t>(comparison.word * kWordBits + bit)];
  };
  const auto is_set = [&](int bit) { return (comparison.constant >> bit & 1) != 0; };
  std::array<Node, kWordBits> aside;
  for (int bit = kWordBits - 1; bit >= 0; --bit) {
    const bool set = is_set(bit);
    const bool equality = comparison.relation == Comparison::Relation::kEqual;
    aside[static_cast<size_t>(bit)] = Branch(equality || set ? no : yes, level_of(bit), !set);
    yes = Branch(yes, level_of(bit), set);
    no = Branch(no, level_of(bit), set);
  }
  Node result = comparison.relation == Comparison::Relation::kGreater ? no : yes;
  for (int bit = 0; bit < kWordBits; ++bit) {
    const Node other = aside[static_cast<size_t>(bit)];
    result = is_set(bit) ? Make(level_of(bit), other, result) : Make(level_of(bit), result, other);
  }
  return result;
}

// Among equally strict verdicts that of the filter installed last stands, as in the kernel.
Node Diagrams::JoinLeaves(Join join, Node a, Node b) {
  if (join == Join::kStack) return filter::Rank(VerdictOf(a)) < filter::Rank(VerdictOf(b)) ? a : b;
  const uint32_t seen_a = Canonical(VerdictOf(a));
  const uint32_t seen_b = Canonical(VerdictOf(b));
  return seen_a == seen_b ? kFalse : Pair(Verdict(seen_a), Verdict(seen_b));
}

Node Diagrams::Combine(Join join, Node a, Node b) {
  if (a == b) return join == Join::kStack ? a : kFalse;
  if (IsLeaf(a) && IsLeaf(b)) return JoinLeaves(join, a, b);
  if (Spent()) return kFalse;
  const uint32_t operation = kFirstJoin + static_cast<uint32_t>(join);
  {
    const Known& known = Remembered(operation, a, b, 0);
    if (known.operation == operation && known.a == a && known.b == b) return known.result;
  }
  const uint16_t level = std::min(LevelOf(a), LevelOf(b));
  const Node if_no = Combine(join, Branch(a, level, false), Branch(b, level, false));
  const Node if_yes = Combine(join, Branch(a, level, true), Branch(b, level, true));
  const Node result = Make(level, if_no, if_yes);
  Remembered(operation, a, b, 0) = {a, b, 0, operation, result};
  return result;
}

Node Diagrams::Assume(Node node, int word, uint32_t value) const {
  while (!IsLeaf(node) && WordOf(node) == word) node = (value >> BitOf(node) & 1) != 0 ? Yes(node) : No(node);
  return node;
}

Node Diagrams::AssumeAnywhere(Node node, int word, uint32_t value, std::unordered_map<Node, Node>& known) {
  node = Assume(node, word, value);
  if (IsLeaf(node)) return node;
  if (const auto found = known.find(node); found != known.end()) return found->second;
  if (Spent()) return kFalse;
  const uint16_t level = LevelOf(node);
  const Node if_no = AssumeAnywhere(No(node), word, value, known);
  const Node if_yes = AssumeAnywhere(Yes(node), word, value, known);
  const Node result = Make(level, if_no, if_yes);
  known.emplace(node, result);
  return result;
}

Node Diagrams::LeafOf(Node node, std::span<const uint32_t, kWords> words) const {
  while (!IsLeaf(node))
    node = (words[static_cast<size_t>(WordOf(node))] >> BitOf(node) & 1) != 0 ? Yes(node) : No(node);
  return node;
}

}  // namespace whittle::prove
