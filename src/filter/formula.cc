#include "filter/formula.h"

#include <linux/seccomp.h>

#include <bit>
#include <cstddef>

namespace whittle::filter {
namespace {

using profile::Condition;
using profile::Operator;
using Op = WordTest::Op;

// The bits of `mask` are those of `value`.
std::optional<bool> ImpliedByBits(uint32_t mask, uint32_t value, const WordTest& asked) {
  switch (asked.op) {
    case Op::kEqual:
      return (asked.value & mask) != value ? std::optional(false) : std::nullopt;
    case Op::kMasked:
      if (((value ^ asked.value) & mask & asked.mask) != 0) return false;
      return (asked.mask & mask) == asked.mask ? std::optional(true) : std::nullopt;
    case Op::kAtLeast:
      if (value >= asked.value) return true;
      return (value | ~mask) < asked.value ? std::optional(false) : std::nullopt;
  }
  return std::nullopt;
}

// The word is one of first..last.
std::optional<bool> ImpliedByRange(uint32_t first, uint32_t last, const WordTest& asked) {
  if (first == last) return asked.Matches(first);
  if (asked.op == Op::kEqual && (asked.value < first || asked.value > last)) return false;
  if (asked.op == Op::kMasked) {
    // The bits above the highest one in which the ends differ are known.
    const uint32_t open = UINT32_MAX >> std::countl_zero(first ^ last);
    return ImpliedByBits(~open, first & ~open, asked);
  }
  if (asked.op != Op::kAtLeast) return std::nullopt;
  if (first >= asked.value) return true;
  if (last < asked.value) return false;
  return std::nullopt;
}

// `known` is refuted, so whatever would imply it is refuted too.
std::optional<bool> ImpliedByRefuted(const WordTest& known, const WordTest& asked) {
  if (Implied(asked, true, known) == true) return false;
  if (asked.op == Op::kAtLeast && Implied(asked, false, known) == true) return true;
  // One bit that is not what was asked is the other.
  if (known.op == Op::kMasked && std::has_single_bit(known.mask)) {
    return ImpliedByBits(known.mask, known.value ^ known.mask, asked);
  }
  return std::nullopt;
}

}  // namespace

bool WordTest::Matches(uint32_t word_value) const {
  switch (op) {
    case Op::kEqual:
      return word_value == value;
    case Op::kAtLeast:
      return word_value >= value;
    case Op::kMasked:
      return (word_value & mask) == value;
  }
  return false;
}

std::optional<bool> Implied(const WordTest& known, bool holds, const WordTest& asked) {
  if (known.word != asked.word) return std::nullopt;
  if (known == asked) return holds;
  if (known.op == Op::kAtLeast) {
    return holds ? ImpliedByRange(known.value, UINT32_MAX, asked) : ImpliedByRange(0, known.value - 1, asked);
  }
  if (!holds) return ImpliedByRefuted(known, asked);
  return known.op == Op::kEqual ? std::optional(asked.Matches(known.value))
                                : ImpliedByBits(known.mask, known.value, asked);
}

ArgumentWords WordsOfArgument(uint32_t index, Abi abi) {
  const auto first = static_cast<uint8_t>(offsetof(seccomp_data, args) / 4 + 2 * index);
  const auto second = static_cast<uint8_t>(first + 1);
  return IsBigEndian(abi) ? ArgumentWords{second, first} : ArgumentWords{first, second};
}

Formulas::Id Formulas::Make(const WordTest& test, Id yes, Id no) {
  if (yes == no) return yes;
  const Node node{test, yes, no};
  const auto [place, added] = known_.try_emplace(node, static_cast<Id>(nodes_.size()));
  if (added) nodes_.push_back(node);
  return place->second;
}

Formulas::Id Formulas::AtLeast(uint8_t word, uint32_t value, Id yes, Id no) {
  return value == 0 ? yes : Make({word, Op::kAtLeast, UINT32_MAX, value}, yes, no);
}

Formulas::Id Formulas::MoreThan(uint8_t word, uint32_t value, Id yes, Id no) {
  return value == UINT32_MAX ? no : AtLeast(word, value + 1, yes, no);
}

// a > b  <=>  high(a) > high(b), or equal there and low(a) > low(b).
Formulas::Id Formulas::LowerOrdered(const Condition& condition, ArgumentWords words, bool narrow) {
  const auto low = static_cast<uint32_t>(condition.value);
  const auto high = static_cast<uint32_t>(condition.value >> 32);
  const bool strict = condition.op == Operator::kGreater || condition.op == Operator::kLessOrEqual;
  const bool above = condition.op == Operator::kGreater || condition.op == Operator::kGreaterOrEqual;
  const Id yes = above ? kTrue : kFalse;
  const Id no = above ? kFalse : kTrue;
  const Id in_low = strict ? MoreThan(words.low, low, yes, no) : AtLeast(words.low, low, yes, no);
  if (narrow) return in_low;
  return MoreThan(words.high, high, yes, AtLeast(words.high, high, in_low, no));
}

Formulas::Id Formulas::LowerMasked(const Condition& condition, ArgumentWords words, bool narrow) {
  const auto half = [&](uint8_t word, int shift, Id rest) -> Id {
    const auto mask = static_cast<uint32_t>(condition.value >> shift);
    const auto value = static_cast<uint32_t>(condition.value_two >> shift);
    if ((value & ~mask) != 0) return kFalse;
    if (mask == 0) return rest;
    return Make({word, mask == UINT32_MAX ? Op::kEqual : Op::kMasked, mask, value}, rest, kFalse);
  };
  const Id in_low = half(words.low, 0, kTrue);
  return narrow ? in_low : half(words.high, 32, in_low);
}

Formulas::Id Formulas::Lower(const Condition& condition, Abi abi, bool narrow) {
  const ArgumentWords words = WordsOfArgument(condition.index, abi);
  if (condition.op == Operator::kMaskedEqual) return LowerMasked(condition, words, narrow);
  if (condition.op != Operator::kEqual && condition.op != Operator::kNotEqual) {
    return LowerOrdered(condition, words, narrow);
  }
  const Id yes = condition.op == Operator::kEqual ? kTrue : kFalse;
  const Id no = condition.op == Operator::kEqual ? kFalse : kTrue;
  const Id in_low =
      Make({words.low, Op::kEqual, UINT32_MAX, static_cast<uint32_t>(condition.value)}, yes, no);
  if (narrow) return in_low;
  return Make({words.high, Op::kEqual, UINT32_MAX, static_cast<uint32_t>(condition.value >> 32)}, in_low, no);
}

Formulas::Id Formulas::Assume(Id formula, const WordTest& test, bool holds, Implication implication) {
  if (formula <= kTrue) return formula;
  const Node node = nodes_[formula];
  const bool looked_at = implication == Implication::kSameWord || node.test == test;
  const auto known = looked_at ? Implied(test, holds, node.test) : std::nullopt;
  if (known) return Assume(*known ? node.yes : node.no, test, holds, implication);
  return Make(node.test, Assume(node.yes, test, holds, implication),
              Assume(node.no, test, holds, implication));
}

bool Formulas::Decides(Id known, Id asked, Id answer) {
  if (known == kFalse || asked == answer) return true;
  if (known == kTrue) return false;
  const Node node = nodes_[known];
  const auto decides = [&](Id branch, bool holds) {
    return Decides(branch, Assume(asked, node.test, holds, Implication::kSameWord), answer);
  };
  return decides(node.yes, true) && decides(node.no, false);
}

}  // namespace whittle::filter
