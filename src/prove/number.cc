#include "prove/number.h"

namespace whittle::prove {

Number Arithmetic::Constant(uint32_t value) {
  Number number;
  for (int bit = 0; bit < kWordBits; ++bit) {
    number[static_cast<size_t>(bit)] = (value >> bit & 1) != 0 ? Diagrams::kTrue : Diagrams::kFalse;
  }
  return number;
}

Number Arithmetic::Word(int word) {
  Number number;
  for (int bit = 0; bit < kWordBits; ++bit) number[static_cast<size_t>(bit)] = diagrams_.Bit(word, bit);
  return number;
}

std::optional<uint32_t> Arithmetic::Known(const Number& number) {
  uint32_t value = 0;
  for (size_t bit = 0; bit < number.size(); ++bit) {
    if (number[bit] > Diagrams::kTrue) return std::nullopt;
    value |= number[bit] << bit;
  }
  return value;
}

Number Arithmetic::And(const Number& a, const Number& b) {
  Number result;
  for (size_t bit = 0; bit < result.size(); ++bit) result[bit] = diagrams_.And(a[bit], b[bit]);
  return result;
}

Number Arithmetic::Or(const Number& a, const Number& b) {
  Number result;
  for (size_t bit = 0; bit < result.size(); ++bit) result[bit] = diagrams_.Or(a[bit], b[bit]);
  return result;
}

Number Arithmetic::Xor(const Number& a, const Number& b) {
  Number result;
  for (size_t bit = 0; bit < result.size(); ++bit) result[bit] = diagrams_.Xor(a[bit], b[bit]);
  return result;
}

Number Arithmetic::Not(const Number& a) { return Xor(a, Constant(UINT32_MAX)); }

Number Arithmetic::Choose(Node condition, const Number& yes, const Number& no) {
  Number result;
  for (size_t bit = 0; bit < result.size(); ++bit)
    result[bit] = diagrams_.Choose(condition, yes[bit], no[bit]);
  return result;
}

Number Arithmetic::AddWithCarry(const Number& a, const Number& b, Node carry) {
  Number sum;
  for (size_t bit = 0; bit < sum.size(); ++bit) {
    const Node differ = diagrams_.Xor(a[bit], b[bit]);
    sum[bit] = diagrams_.Xor(differ, carry);
    carry = diagrams_.Choose(differ, carry, a[bit]);
  }
  return sum;
}

Number Arithmetic::Multiply(const Number& a, const Number& b) {
  Number sum = Constant(0);
  for (size_t bit = 0; bit < b.size() && !diagrams_.exhausted(); ++bit) {
    if (b[bit] == Diagrams::kFalse) continue;
    const Number shifted = ShiftLeft(a, Constant(static_cast<uint32_t>(bit)));
    sum = Add(sum, Choose(b[bit], shifted, Constant(0)));
  }
  return sum;
}

// Long division, from the highest bit. What is shifted out of the remainder at the top counts: then it is
// surely not smaller than the divisor.
Number Arithmetic::Divide(const Number& a, const Number& b) {
  Number quotient = Constant(0);
  Number rest = Constant(0);
  for (size_t bit = a.size(); bit-- > 0 && !diagrams_.exhausted();) {
    const Node out = rest.back();
    rest = ShiftLeft(rest, Constant(1));
    rest[0] = a[bit];
    quotient[bit] = diagrams_.Or(out, GreaterOrEqual(rest, b));
    rest = Choose(quotient[bit], Subtract(rest, b), rest);
  }
  return quotient;
}

Number Arithmetic::Shift(const Number& a, const Number& by, int direction) {
  Number result = a;
  for (int step = 0; step < 5; ++step) {
    if (by[static_cast<size_t>(step)] == Diagrams::kFalse) continue;
    Number moved = Constant(0);
    for (int bit = 0; bit < kWordBits; ++bit) {
      const int from = bit - direction * (1 << step);
      if (from >= 0 && from < kWordBits) moved[static_cast<size_t>(bit)] = result[static_cast<size_t>(from)];
    }
    result = Choose(by[static_cast<size_t>(step)], moved, result);
  }
  return result;
}

// From the lowest bit on: what is built stays below what is asked next, so each step costs one node.
Node Arithmetic::Equal(const Number& a, const Number& b) {
  Node equal = Diagrams::kTrue;
  for (size_t bit = 0; bit < a.size(); ++bit) {
    equal = diagrams_.Choose(a[bit], diagrams_.And(b[bit], equal),
                             diagrams_.Choose(b[bit], Diagrams::kFalse, equal));
  }
  return equal;
}

Node Arithmetic::Compare(const Number& a, const Number& b, Node if_equal) {
  Node greater = if_equal;
  for (size_t bit = 0; bit < a.size(); ++bit) {
    greater = diagrams_.Choose(a[bit], diagrams_.Choose(b[bit], greater, Diagrams::kTrue),
                               diagrams_.And(diagrams_.Not(b[bit]), greater));
  }
  return greater;
}

Node Arithmetic::Meet(const Number& a, const Number& b) {
  Node meet = Diagrams::kFalse;
  for (size_t bit = 0; bit < a.size(); ++bit) meet = diagrams_.Or(diagrams_.And(a[bit], b[bit]), meet);
  return meet;
}

}  // namespace whittle::prove
