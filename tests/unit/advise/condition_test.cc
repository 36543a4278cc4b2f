// Conditions are read off diagrams in few words, and say what the diagram says.
#include "advise/condition.h"

#include <gtest/gtest.h>

#include <random>

#include "advise/condition_text.h"
#include "prove/number.h"

namespace whittle::advise {
namespace {

using prove::Arithmetic;
using prove::Diagrams;
using prove::Node;

class Conditions : public ::testing::Test {
 protected:
  // The set of 64-bit values of an argument.
  Node Masked(int argument, uint64_t mask, uint64_t value) { return In(argument, {mask, value, value}); }
  Node Is(int argument, uint64_t value) { return Masked(argument, UINT64_MAX, value); }
  Node In(int argument, Span span) { return NodeOf(diagrams_, Values{{span}}, argument); }
  Node AtLeast(int argument, uint64_t value) { return In(argument, {UINT64_MAX, value, UINT64_MAX}); }

  std::string Text(Node when, std::string_view call = "openat", Abi abi = Abi::kX86_64) {
    const Condition condition = ConditionOf(diagrams_, when);
    if (condition.complete) {
      EXPECT_EQ(NodeOf(diagrams_, condition), when);
    }
    const auto words = WordsOf(condition, abi, call);
    low_halves_ = words.low_halves;
    return words.text + (condition.complete ? "" : "...");
  }

  Diagrams diagrams_{prove::Order::kByWord, 1'000'000};
  bool low_halves_ = false;
};

TEST_F(Conditions, AlwaysIsNoCondition) { EXPECT_EQ(Text(Diagrams::kTrue), ""); }

TEST_F(Conditions, OneValueOfAWholeArgumentIsACall) {
  EXPECT_EQ(Text(Is(0, 17), "socket"), "(AF_PACKET, *)");
  EXPECT_EQ(Text(diagrams_.And(Is(0, 2), Is(1, 3)), "socket"), "(AF_INET, SOCK_RAW, *)");
  EXPECT_EQ(Text(Is(1, 0x5412), "ioctl"), "(*, TIOCSTI, *)");
  EXPECT_EQ(Text(Is(0, 0x20008), "personality"), "(PER_LINUX32|UNAME26)");
}

TEST_F(Conditions, MasksAndTheirComplements) {
  EXPECT_EQ(Text(Masked(2, 3, 0)), " when (arg2 & 3) == 0");
  EXPECT_EQ(Text(diagrams_.Not(Masked(2, 3, 0))), " when (arg2 & 3) != 0");
  EXPECT_EQ(Text(Masked(0, 0x50000000, 0), "unshare"), " when (arg0 & (CLONE_NEWUSER|CLONE_NEWNET)) == 0");
}

TEST_F(Conditions, OrderIsOfAllSixtyFourBits) {
  EXPECT_EQ(Text(AtLeast(1, 0x100000005)), " when arg1 >= 0x100000005");
  EXPECT_EQ(Text(diagrams_.Not(AtLeast(1, 6))), " when arg1 <= 5");
  EXPECT_EQ(Text(diagrams_.Not(Is(1, 0))), " when arg1 != 0");
  EXPECT_EQ(Text(In(1, {UINT64_MAX, 5, 0x10})), " when 5 <= arg1 <= 0x10");
  EXPECT_EQ(Text(In(1, {UINT32_MAX, 0, 5})), " when (arg1 & 0xffffffff) <= 5");
}

TEST_F(Conditions, SeveralValuesAreAList) {
  const Node some = diagrams_.Or(Is(0, 1), diagrams_.Or(Is(0, 2), Is(0, 10)));
  EXPECT_EQ(Text(some, "socket"), " when arg0 in {AF_UNIX, AF_INET, AF_INET6}");
  EXPECT_EQ(Text(diagrams_.Not(some), "socket"), " when arg0 not in {AF_UNIX, AF_INET, AF_INET6}");
}

TEST_F(Conditions, ConditionsOnSeveralArgumentsDropWhatFollows) {
  EXPECT_EQ(Text(diagrams_.Or(Is(0, 2), Is(1, 5)), "openat"), " when arg0 == 2 or arg1 == 5");
  EXPECT_EQ(Text(diagrams_.Not(diagrams_.And(Is(0, 2), Is(1, 5))), "openat"), " when arg0 != 2 or arg1 != 5");
}

TEST_F(Conditions, TheShorterOfTheTwoWaysIsTaken) {
  const Node one = diagrams_.And(Is(0, 2), Is(1, 5));
  const Node other = diagrams_.And(Is(0, 3), diagrams_.And(Is(1, 6), Is(2, 7)));
  EXPECT_EQ(Text(diagrams_.Not(diagrams_.Or(one, other))),
            " unless (arg0 == 2 and arg1 == 5) or (arg0 == 3 and arg1 == 6 and arg2 == 7)");
}

TEST_F(Conditions, NarrowAbisSeeTheLowHalf) {
  EXPECT_EQ(Text(Masked(0, UINT32_MAX, 17), "socket", Abi::kX32), "(AF_PACKET, *)");
  EXPECT_TRUE(low_halves_);
  EXPECT_EQ(Text(Masked(0, UINT32_MAX, 17), "socket", Abi::kX86_64),
            " when (arg0 & 0xffffffff) == AF_PACKET");
  EXPECT_FALSE(low_halves_);
}

TEST_F(Conditions, WhatIsTooLongIsCounted) {
  Node many = Diagrams::kFalse;
  for (uint64_t i = 0; i < 40; ++i) many = diagrams_.Or(many, Is(1, 1 + 3 * i));
  EXPECT_EQ(Text(many), " when arg1 in {1, 4, 7, 0xa, 0xd, 0x10, 0x13, 0x16, and 32 more}...");
  EXPECT_EQ(Text(diagrams_.Not(many)).substr(0, 22), " unless arg1 in {1, 4,");
}

TEST_F(Conditions, APatternWithoutSomeValues) {
  const auto without = [&](Node set, Node some) { return diagrams_.And(set, diagrams_.Not(some)); };
  EXPECT_EQ(Text(without(Masked(2, 3, 0), Is(2, 0x80000))), " when (arg2 & 3) == 0 and arg2 != 0x80000");
  EXPECT_EQ(Text(without(Masked(2, 3, 0), In(2, {UINT64_MAX, 0x1000, 0x2001}))),
            " when (arg2 & 3) == 0 and (arg2 < 0x1000 or arg2 > 0x2003)");
  EXPECT_EQ(Text(without(Masked(2, 3, 0), diagrams_.Or(Is(2, 0x80000), Is(2, 0x40)))),
            " when (arg2 & 3) == 0 and arg2 not in {0x40, 0x80000}");
  EXPECT_EQ(Text(diagrams_.And(Masked(2, 3, 0), AtLeast(2, 0x1000))),
            " when (arg2 & 3) == 0 and arg2 >= 0x1000");
  EXPECT_EQ(Text(diagrams_.Not(without(Masked(2, 3, 0), Is(2, 0x80000)))),
            " unless (arg2 & 3) == 0 and arg2 != 0x80000");
  EXPECT_EQ(Text(diagrams_.And(Is(0, 2), without(Masked(2, 3, 0), Is(2, 0x80000)))),
            " when arg0 == 2 and (arg2 & 3) == 0 and arg2 != 0x80000");
}

TEST_F(Conditions, AValueThatDiffersInTheHighHalfOnly) {
  EXPECT_EQ(Text(diagrams_.And(Masked(0, UINT32_MAX, 5), diagrams_.Not(Is(0, 5)))),
            " when (arg0 & 0xffffffff) == 5 and arg0 != 5");
  const Node five_or_six = diagrams_.Or(Masked(0, UINT32_MAX, 5), Masked(0, UINT32_MAX, 6));
  const Node exactly = diagrams_.Or(Is(0, 5), Is(0, 6));
  EXPECT_EQ(Text(diagrams_.And(five_or_six, diagrams_.Not(exactly))),
            " when (arg0 & 0xffffffff) in {5, 6} and arg0 not in {5, 6}");
}

TEST_F(Conditions, PatternsThatOverlap) {
  const Node word = Masked(2, 3, 0);
  EXPECT_EQ(Text(diagrams_.Or(word, Is(2, 0x80001))), " when (arg2 == 0x80001 or (arg2 & 3) == 0)");
  EXPECT_EQ(Text(diagrams_.And(Is(0, 2), diagrams_.Or(word, diagrams_.Or(Is(2, 0x80001), Is(2, 7))))),
            " when arg0 == 2 and (arg2 == 7 or arg2 == 0x80001 or (arg2 & 3) == 0)");
}

// Random conditions: what is said in full is the diagram, what is listed of others is true of it.
TEST_F(Conditions, WhatIsSaidIsTrue) {
  std::mt19937_64 random(7);
  const auto below = [&](uint64_t bound) { return random() % bound; };
  int complete = 0;
  for (int round = 0; round < 400; ++round) {
    Node when = Diagrams::kFalse;
    for (uint64_t clauses = 1 + below(4); clauses > 0; --clauses) {
      Node clause = Diagrams::kTrue;
      for (uint64_t literals = 1 + below(3); literals > 0; --literals) {
        const uint64_t mask = below(3) == 0 ? below(256) : UINT64_MAX;
        const uint64_t value = (below(4) << (below(2) * 32) | below(64)) & mask;
        const Node set = In(static_cast<int>(below(3)), {mask, value, below(2) == 0 ? value : mask});
        clause = diagrams_.And(clause, below(3) == 0 ? diagrams_.Not(set) : set);
      }
      when = diagrams_.Or(when, clause);
    }
    if (when == Diagrams::kFalse) continue;
    const Condition condition = ConditionOf(diagrams_, when);
    const Node said = NodeOf(diagrams_, condition);
    if (condition.complete) {
      ++complete;
      ASSERT_EQ(said, when) << "round " << round;
    } else if (!condition.clauses.empty()) {
      const Node outside = condition.unless ? diagrams_.And(when, diagrams_.Not(said))
                                            : diagrams_.And(said, diagrams_.Not(when));
      ASSERT_EQ(outside, Diagrams::kFalse) << "round " << round;
    }
  }
  EXPECT_GT(complete, 200);
}

// A pattern of bits with up to three values more, or less: it is said in full, and it is the diagram.
TEST_F(Conditions, PatternsWithAndWithoutSomeValuesAreSaidInFull) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    diagrams_ = Diagrams(prove::Order::kByWord, 100'000);
    const uint64_t mask = random() % 2 == 0 ? 1 + random() % 255 : UINT32_MAX;
    const bool more = random() % 2 == 0;
    Node set = Masked(1, mask, random() & mask);
    for (uint64_t count = 1 + random() % 3; count > 0; --count) {
      const uint64_t value = random() % 2 == 0 ? random() : random() & UINT32_MAX;
      set = more ? diagrams_.Or(set, Is(1, value)) : diagrams_.And(set, diagrams_.Not(Is(1, value)));
    }
    const Condition condition = ConditionOf(diagrams_, set);
    EXPECT_TRUE(condition.complete) << more << " " << std::hex << mask << Text(set);
    EXPECT_EQ(NodeOf(diagrams_, condition), set);
  }
}

}  // namespace
}  // namespace whittle::advise
