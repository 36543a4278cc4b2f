#include "lint/int_values.h"

#include <cstdint>

#include "filter/formula.h"

namespace whittle::lint {
namespace {

using filter::Formulas;
using filter::Implication;
using filter::WordTest;
using profile::Condition;
using profile::Operator;

constexpr Abi kWideAbi = Abi::kX86_64;  // any whose registers have an upper half

std::optional<bool> AnswerOf(Formulas::Id formula) {
  return formula <= Formulas::kTrue ? std::optional(formula == Formulas::kTrue) : std::nullopt;
}

WordTest Equals(uint8_t word, uint32_t value) { return {word, WordTest::Op::kEqual, UINT32_MAX, value}; }

std::optional<bool> HoldsOfPlain(const Condition& condition) {
  Formulas formulas;
  const auto whole = formulas.Lower(condition, kWideAbi, false);
  const auto high = filter::WordsOfArgument(condition.index, kWideAbi).high;
  return AnswerOf(formulas.Assume(whole, Equals(high, 0), true, Implication::kSameWord));
}

std::optional<bool> HoldsOfExtended(const Condition& condition) {
  constexpr uint32_t kSign = uint32_t{1} << 31;
  Formulas formulas;
  const auto whole = formulas.Lower(condition, kWideAbi, false);
  const auto [low, high] = filter::WordsOfArgument(condition.index, kWideAbi);
  const auto in_low = formulas.Assume(whole, Equals(high, UINT32_MAX), true, Implication::kSameWord);
  const WordTest is_negative{low, WordTest::Op::kMasked, kSign, kSign};
  return AnswerOf(formulas.Assume(in_low, is_negative, true, Implication::kSameWord));
}

// Whoever writes such a constant, or asks for bits above that are all ones, means negative ints, as of a
// descriptor or a user that is -1.
bool IsAboutExtended(const Condition& condition, bool holds_of_plain) {
  if (condition.op == Operator::kMaskedEqual) return !holds_of_plain;
  return condition.value >> 31 == UINT64_MAX >> 31;
}

}  // namespace

std::optional<bool> HoldsOfInts(const Condition& condition, bool with_sign) {
  if (condition.op == Operator::kMaskedEqual && (condition.value_two & ~condition.value) != 0)
    return std::nullopt;
  const auto plain = HoldsOfPlain(condition);
  if (!plain || HoldsOfExtended(condition) == plain) return plain;
  return with_sign || IsAboutExtended(condition, *plain) ? std::nullopt : plain;
}

}  // namespace whittle::lint
