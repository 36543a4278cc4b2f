#include "filter/order.h"

#include <algorithm>

namespace whittle::filter {
namespace {

using profile::Condition;
using profile::Operator;

// One test of the tree.
struct Half {
  uint32_t argument = 0;           // 2 * index + (1: the high half)
  int rank = 0;                    // of the operator as it was written
  Operator op = Operator::kEqual;  // as it is carried out
  uint32_t value = 0;
  uint32_t mask = UINT32_MAX;
};

constexpr int kHighestRank = 3;

int RankOf(Operator op) {
  switch (op) {
    case Operator::kLess:
    case Operator::kLessOrEqual:
      return 2;
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
      return 1;
    default:
      return kHighestRank;
  }
}

// What a half of a condition is tested for: the high halves of bounds are compared with GT, and NE is a
// failed EQ.
Operator TestOf(Operator op, bool high) {
  switch (op) {
    case Operator::kNotEqual:
      return Operator::kEqual;
    case Operator::kLess:
      return high ? Operator::kGreater : Operator::kGreaterOrEqual;
    case Operator::kLessOrEqual:
      return Operator::kGreater;
    case Operator::kGreaterOrEqual:
      return high ? Operator::kGreater : op;
    default:
      return op;
  }
}

Half HalfOf(const Condition& condition, bool high) {
  const int shift = high ? 32 : 0;
  const bool masked = condition.op == Operator::kMaskedEqual;
  Half half{2 * condition.index + (high ? 1 : 0), RankOf(condition.op), TestOf(condition.op, high)};
  half.value = static_cast<uint32_t>((masked ? condition.value_two : condition.value) >> shift);
  if (masked) half.mask = static_cast<uint32_t>(condition.value >> shift);
  return half;
}

bool Same(const Half& a, const Half& b) {
  return a.argument == b.argument && a.op == b.op && a.value == b.value && a.mask == b.mask;
}

bool ComesBefore(const Half& a, const Half& b) {
  if (a.argument != b.argument) return a.argument > b.argument;
  if (a.rank != b.rank) return a.rank > b.rank;
  return a.rank == 2 ? a.value < b.value : a.value > b.value;
}

size_t Depth(const FlatRule& rule, bool narrow) { return rule.conditions.size() * (narrow ? 1 : 2); }

Half HalfAt(const FlatRule& rule, size_t depth, bool narrow) {
  if (narrow) return HalfOf(rule.conditions[depth], false);
  return HalfOf(rule.conditions[depth / 2], depth % 2 == 0);
}

struct Node;
using Level = std::vector<Node>;  // no test comes before one that stands in front of it
struct Node {
  Half half;
  Level below;
  std::vector<size_t> rules;  // whose last test this is
};

// The first test that comes after `half`, which is where a new one belongs.
Level::iterator PlaceFor(const Half& half, Level& level) {
  return std::ranges::partition_point(level, [&](const Node& node) { return !ComesBefore(half, node.half); });
}

// An equal test that a search from the front meets before the place of a new one, or right there: it may have
// been put where its operator ranks higher, or be of an operator that ranks lower and be the first that comes
// after.
Level::iterator FindSame(Half half, Level& level, Level::iterator place) {
  const Half wanted = half;
  for (half.rank = kHighestRank; half.rank >= wanted.rank; --half.rank) {
    auto node =
        std::ranges::partition_point(level, [&](const Node& other) { return ComesBefore(other.half, half); });
    for (; node != place && !ComesBefore(half, node->half); ++node) {
      if (Same(node->half, wanted)) return node;
    }
  }
  return place != level.end() && Same(place->half, wanted) ? place : level.end();
}

Node& Join(const Half& half, Level& level) {
  const auto place = PlaceFor(half, level);
  const auto same = FindSame(half, level, place);
  return same != level.end() ? *same : *level.insert(place, Node{half, {}, {}});
}

void ReadFromTheFront(const Level& level, std::vector<size_t>& order) {
  for (const auto& node : level) {
    // A rule that asks more stands in front of the one that is its beginning.
    ReadFromTheFront(node.below, order);
    order.insert(order.end(), node.rules.begin(), node.rules.end());
  }
}

}  // namespace

std::vector<FlatRule> InOrderAsked(std::vector<FlatRule> rules, bool narrow) {
  Level root;
  for (size_t rule = 0; rule < rules.size(); ++rule) {
    Level* level = &root;
    for (size_t depth = 0; depth < Depth(rules[rule], narrow); ++depth) {
      Node& node = Join(HalfAt(rules[rule], depth, narrow), *level);
      if (depth + 1 == Depth(rules[rule], narrow)) node.rules.push_back(rule);
      level = &node.below;
    }
  }
  std::vector<size_t> order;
  ReadFromTheFront(root, order);
  std::vector<FlatRule> ordered;
  for (const size_t rule : order) ordered.push_back(std::move(rules[rule]));
  return ordered;
}

}  // namespace whittle::filter
