#include "lint/ranges.h"

#include <algorithm>

namespace whittle::lint {
namespace {

using profile::Condition;
using profile::Operator;

void AddRanges(const Condition& condition, Ranges& ranges) {
  const uint64_t value = condition.value;
  const auto below = [&] {
    if (value > 0) ranges.emplace_back(0, value - 1);
  };
  const auto above = [&] {
    if (value < UINT64_MAX) ranges.emplace_back(value + 1, UINT64_MAX);
  };
  const auto itself = [&] { ranges.emplace_back(value, value); };
  switch (condition.op) {
    case Operator::kEqual:
      return itself();
    case Operator::kNotEqual:
      return below(), above();
    case Operator::kLess:
      return below();
    case Operator::kLessOrEqual:
      return below(), itself();
    case Operator::kGreater:
      return above();
    case Operator::kGreaterOrEqual:
      return itself(), above();
    case Operator::kMaskedEqual:
      if (Always(condition)) ranges.emplace_back(0, UINT64_MAX);
  }
}

}  // namespace

bool Always(const Condition& condition) {
  switch (condition.op) {
    case Operator::kGreaterOrEqual:
      return condition.value == 0;
    case Operator::kLessOrEqual:
      return condition.value == UINT64_MAX;
    case Operator::kMaskedEqual:
      return condition.value == 0 && condition.value_two == 0;
    default:
      return false;
  }
}

Ranges RangesOf(const std::vector<Condition>& conditions) {
  Ranges ranges;
  for (const auto& condition : conditions) AddRanges(condition, ranges);
  return ranges;
}

bool CoverEverything(Ranges ranges) { return CoverAllBut(0, std::move(ranges)); }

bool CoverAllBut(uint64_t few, Ranges ranges) {
  std::ranges::sort(ranges);
  uint64_t next = 0;  // all before it are counted
  for (const auto& [first, last] : ranges) {
    const uint64_t missing = first > next ? first - next : 0;
    if (missing > few) return false;
    few -= missing;
    if (last == UINT64_MAX) return true;
    next = std::max(next, last + 1);
  }
  return UINT64_MAX - next < few;
}

}  // namespace whittle::lint
