#include <array>

#include "profile/document.h"

namespace whittle::profile {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 7> kOperators = {
    "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",        "SCMP_CMP_EQ",
    "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ",
};

}  // namespace

std::string_view ScmpOperatorName(Operator op) { return kOperators[static_cast<size_t>(op)]; }

std::optional<Operator> ParseOperator(std::string_view text) {
  for (size_t i = 0; i < kOperators.size(); ++i) {
    if (kOperators[i] == text) return static_cast<Operator>(i);
  }
  return std::nullopt;
}

bool Condition::Matches(uint64_t argument) const {
  switch (op) {
    case Operator::kNotEqual:
      return argument != value;
    case Operator::kLess:
      return argument < value;
    case Operator::kLessOrEqual:
      return argument <= value;
    case Operator::kEqual:
      return argument == value;
    case Operator::kGreaterOrEqual:
      return argument >= value;
    case Operator::kGreater:
      return argument > value;
    case Operator::kMaskedEqual:
      return (argument & value) == value_two;
  }
  return false;
}

}  // namespace whittle::profile
