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

// The part of the rules whose tests up to some depth are those of the new rule.
struct Part {
  size_t begin;
  size_t end;
  bool found;  // else: nothing equals the test, and the new rule belongs at `begin`
};

Part FindSlowly(const Half& half, std::span<const FlatRule> rules, size_t depth, bool narrow, Part part) {
  const auto ends_here = [&](size_t at) { return Depth(rules[at], narrow) <= depth; };
  const auto same = [&](size_t at) { return !ends_here(at) && Same(half, HalfAt(rules[at], depth, narrow)); };
  size_t at = part.begin;
  while (at < part.end && !same(at)) {
    if (!ends_here(at) && ComesBefore(half, HalfAt(rules[at], depth, narrow))) return {at, at, false};
    ++at;
  }
  if (at == part.end) return {at, at, false};
  const size_t begin = at;
  while (at < part.end && same(at)) ++at;
  return {begin, at, true};
}

// By halving; no rule may end within the part.
Part Find(const Half& half, std::span<const FlatRule> rules, size_t depth, bool narrow, Part part) {
  const auto inside = rules.subspan(part.begin, part.end - part.begin);
  const auto first = std::ranges::partition_point(
      inside, [&](const FlatRule& other) { return ComesBefore(HalfAt(other, depth, narrow), half); });
  const auto last = std::ranges::partition_point(
      inside, [&](const FlatRule& other) { return !ComesBefore(half, HalfAt(other, depth, narrow)); });
  part.end = part.begin + static_cast<size_t>(last - inside.begin());
  part.begin += static_cast<size_t>(first - inside.begin());
  if (part.begin == part.end) return {part.begin, part.begin, false};
  // Equal tests stand together, so two equal ends are one run.
  const bool one_run = Same(half, HalfAt(rules[part.begin], depth, narrow)) &&
                       Same(half, HalfAt(rules[part.end - 1], depth, narrow));
  return one_run ? Part{part.begin, part.end, true} : FindSlowly(half, rules, depth, narrow, part);
}

}  // namespace

size_t PlaceOf(const FlatRule& rule, std::span<const FlatRule> rules, bool narrow) {
  // Thousands of values of one argument are a common list: worth halving.
  const bool long_and_even = rules.size() > 32 && std::ranges::all_of(rules, [&](const FlatRule& other) {
                               return other.conditions.size() == rule.conditions.size();
                             });
  const auto find = long_and_even ? Find : FindSlowly;
  Part part{0, rules.size(), true};
  for (size_t depth = 0; part.found && depth < Depth(rule, narrow); ++depth) {
    part = find(HalfAt(rule, depth, narrow), rules, depth, narrow, part);
  }
  return part.begin;
}

}  // namespace whittle::filter
