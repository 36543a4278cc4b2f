// Conditions on 64-bit arguments as tests of 32-bit words, which is all that a filter can load. A formula is
// a small decision tree over such tests; what one test says of another is used to drop tests that are already
// decided. Not thread safe while formulas are added; otherwise pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "profile/document.h"
#include "syscalls/abi.h"

namespace whittle::filter {

// A test of one word of seccomp_data, which one jump can decide.
struct WordTest {
  enum class Op : uint8_t { kEqual, kAtLeast, kMasked };
  uint8_t word = 0;  // offset / 4
  Op op = Op::kEqual;
  uint32_t mask = UINT32_MAX;  // kMasked: (word & mask) == value
  uint32_t value = 0;
  auto operator<=>(const WordTest&) const = default;

  bool Matches(uint32_t word_value) const;
};

// What is known of `asked` if `known` came out as `holds`; nothing if it is still open.
std::optional<bool> Implied(const WordTest& known, bool holds, const WordTest& asked);

// Where the halves of an argument lie, as word numbers.
struct ArgumentWords {
  uint8_t low;
  uint8_t high;
};
ArgumentWords WordsOfArgument(uint32_t index, Abi abi);

// Which tests an answer decides.
enum class Implication {
  kSameTest,  // only the one that was asked
  kSameWord,  // all that it implies
};

class Formulas {
 public:
  using Id = uint32_t;
  static constexpr Id kFalse = 0;
  static constexpr Id kTrue = 1;
  struct Node {
    WordTest test;
    Id yes = kFalse;
    Id no = kFalse;
    auto operator<=>(const Node&) const = default;
  };

  Formulas() : nodes_(2) {}
  // The formula that holds where condition.Matches(argument) does. `narrow`: the low word is the whole
  // argument.
  Id Lower(const profile::Condition& condition, Abi abi, bool narrow);
  // What is left of a formula once `test` is known to be `holds`.
  Id Assume(Id formula, const WordTest& test, bool holds, Implication implication);
  // Wherever `known` holds, `asked` is `answer` (kTrue or kFalse). It may be so and not be seen: what two
  // tests of one word say together is not drawn.
  bool Decides(Id known, Id asked, Id answer);

  const Node& at(Id formula) const { return nodes_[formula]; }

 private:
  Id Make(const WordTest& test, Id yes, Id no);
  Id AtLeast(uint8_t word, uint32_t value, Id yes, Id no);
  Id MoreThan(uint8_t word, uint32_t value, Id yes, Id no);
  Id LowerOrdered(const profile::Condition& condition, ArgumentWords words, bool narrow);
  Id LowerMasked(const profile::Condition& condition, ArgumentWords words, bool narrow);

  std::vector<Node> nodes_;
  std::map<Node, Id> known_;
};

}  // namespace whittle::filter
