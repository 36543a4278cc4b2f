// Sets of values of one argument in the fewest words: points, ranges and masks, or all but those; or a
// pattern without some of these. Read off a decision diagram and exact; what is too long to say is counted,
// never simplified. Pure; not thread safe: works in a store of diagrams of order kByWord.
#pragma once

#include <cstdint>
#include <vector>

#include "prove/diagram.h"

namespace whittle::advise {

// The arguments 0 to 5, and what a filter can ask as well: where the call comes from.
inline constexpr int kInstructionPointer = 6;
inline constexpr int kQuantities = 7;

// Words of seccomp_data as on little-endian ABIs; who reads a diagram of another swaps them first.
struct Halves {
  int low;
  int high;
};
Halves HalvesOf(int quantity);
int QuantityOf(int word);
// The place of a question among the 64 bits of its quantity.
int PlaceOf(const prove::Diagrams& diagrams, prove::Node node);

// from <= (value & mask) <= to; both are among the values that the mask leaves.
struct Span {
  uint64_t mask = UINT64_MAX;
  uint64_t from = 0;
  uint64_t to = UINT64_MAX;
  bool operator==(const Span&) const = default;

  bool Contains(uint64_t value) const { return (value & mask) >= from && (value & mask) <= to; }
  bool IsPoint() const { return from == to; }
};

struct Values {
  std::vector<Span> spans;
  bool all_but = false;  // what lies in none of them
  uint64_t more = 0;     // that many further spans are not listed
  bool counted = true;   // false: there are even more
  bool operator==(const Values&) const = default;

  bool complete() const { return more == 0; }
  // For complete ones.
  bool Contains(uint64_t value) const;
  // How hard they are to read; 2 is one point.
  size_t Cost() const;
};

// The set of values for which `set`, which asks nothing but one quantity, is true; not empty, not all. Two
// lists: what lies in both ("(arg2 & 3) == 0 and arg2 != 0x80000").
std::vector<Values> ValuesOf(prove::Diagrams& diagrams, prove::Node set);

// The inverse, for complete ones; of others what is listed.
prove::Node NodeOf(prove::Diagrams& diagrams, const Values& values, int quantity);

}  // namespace whittle::advise
