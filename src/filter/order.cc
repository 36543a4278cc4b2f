#include "filter/order.h"

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

int RankOf(Operator op) {
  switch (op) {
    case Operator::kLess:
    case Operator::kLessOrEqual:
      return 2;
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
      return 1;
    default:
      return 3;
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

}  // namespace

size_t PlaceOf(const FlatRule& rule, std::span<const FlatRule> rules, bool narrow) {
  size_t begin = 0;  // begin..end: the rules whose first `depth` tests are those of `rule`
  size_t end = rules.size();
  for (size_t depth = 0; depth < Depth(rule, narrow); ++depth) {
    const Half half = HalfAt(rule, depth, narrow);
    const auto ends_here = [&](size_t at) { return Depth(rules[at], narrow) <= depth; };
    const auto same = [&](size_t at) {
      return !ends_here(at) && Same(half, HalfAt(rules[at], depth, narrow));
    };
    size_t at = begin;
    while (at < end && !same(at)) {
      if (!ends_here(at) && ComesBefore(half, HalfAt(rules[at], depth, narrow))) return at;
      ++at;
    }
    if (at == end) return end;
    begin = at;
    while (at < end && same(at)) ++at;
    end = at;
  }
  return begin;
}

}  // namespace whittle::filter
