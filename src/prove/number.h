// 32-bit numbers that depend on the call: one diagram for each bit. What the registers of a filter hold when
// the call is not known. Pure; not thread safe: they share a store of diagrams. Arithmetic is the kernel's:
// modulo 2^32, shifts by the low five bits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "prove/diagram.h"

namespace whittle::prove {

// Bit 0 is the least significant.
using Number = std::array<Node, kWordBits>;

class Arithmetic {
 public:
  explicit Arithmetic(Diagrams& diagrams) : diagrams_(diagrams) {}

  static Number Constant(uint32_t value);
  Number Word(int word);
  // The value, if it is the same for every call.
  static std::optional<uint32_t> Known(const Number& number);

  Number And(const Number& a, const Number& b);
  Number Or(const Number& a, const Number& b);
  Number Xor(const Number& a, const Number& b);
  Number Add(const Number& a, const Number& b) { return AddWithCarry(a, b, Diagrams::kFalse); }
  Number Subtract(const Number& a, const Number& b) { return AddWithCarry(a, Not(b), Diagrams::kTrue); }
  Number Multiply(const Number& a, const Number& b);
  // Where the divisor is zero the result means nothing.
  Number Divide(const Number& a, const Number& b);
  Number ShiftLeft(const Number& a, const Number& by) { return Shift(a, by, 1); }
  Number ShiftRight(const Number& a, const Number& by) { return Shift(a, by, -1); }

  Node Equal(const Number& a, const Number& b);
  Node Greater(const Number& a, const Number& b) { return Compare(a, b, Diagrams::kFalse); }
  Node GreaterOrEqual(const Number& a, const Number& b) { return Compare(a, b, Diagrams::kTrue); }
  // Whether they have a bit in common.
  Node Meet(const Number& a, const Number& b);

 private:
  Number Not(const Number& a);
  Number Choose(Node condition, const Number& yes, const Number& no);
  Number AddWithCarry(const Number& a, const Number& b, Node carry);
  Number Shift(const Number& a, const Number& by, int direction);
  Node Compare(const Number& a, const Number& b, Node if_equal);

  Diagrams& diagrams_;
};

}  // namespace whittle::prove
