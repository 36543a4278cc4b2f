// What can be asked of a store of diagrams, held against what it builds.
#include "prove/diagram.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "prove/node_map.h"

namespace whittle::prove {
namespace {

// A condition over a few bits of two arguments.
Node Condition(Diagrams& diagrams, std::mt19937_64& random) {
  Node node = random() % 2 == 0 ? Diagrams::kTrue : Diagrams::kFalse;
  for (int step = 0; step < 6; ++step) {
    const Node bit = diagrams.Bit(random() % 2 == 0 ? 4 : 6, static_cast<int>(random() % 3));
    node = random() % 2 == 0 ? diagrams.And(bit, node) : diagrams.Or(bit, diagrams.Not(node));
  }
  return node;
}

TEST(Diagrams, OneImpliesTheOtherIfAllThatItIsTrueOfIsTrueOfThat) {
  std::mt19937_64 random(1);
  int implied = 0;
  constexpr int kRounds = 2000;
  for (int round = 0; round < kRounds; ++round) {
    Diagrams diagrams(Order::kByWord, 10'000);
    const Node a = Condition(diagrams, random);
    const Node b = Condition(diagrams, random);
    const bool expected = diagrams.And(a, diagrams.Not(b)) == Diagrams::kFalse;
    ASSERT_EQ(diagrams.Implies(a, b), expected);
    ASSERT_EQ(diagrams.Implies(a, b), expected);  // as it is remembered
    implied += expected ? 1 : 0;
  }
  EXPECT_GT(implied, kRounds / 10);
  EXPECT_LT(implied, kRounds * 9 / 10);
}

TEST(Diagrams, AskingABitIsChoosingByIt) {
  Diagrams diagrams(Order::kByWord, 10'000);
  const Node later = diagrams.Bit(4, 2);
  EXPECT_EQ(diagrams.Ask(4, 7, later, Diagrams::kFalse),
            diagrams.Choose(diagrams.Bit(4, 7), later, Diagrams::kFalse));
  EXPECT_EQ(diagrams.Ask(4, 7, later, later), later);
}

TEST(NodeMap, KeepsTheFirstValueOfEachNode) {
  std::mt19937_64 random(1);
  NodeMap<int> map;
  std::map<Node, int> expected;
  for (int value = 0; value < 3000; ++value) {
    const auto node = static_cast<Node>(random() % 2000);
    EXPECT_EQ(map.Add(node, value), expected.emplace(node, value).second);
  }
  for (Node node = 0; node < 2000; ++node) {
    const int* found = map.Find(node);
    ASSERT_EQ(found != nullptr, expected.contains(node));
    if (found != nullptr) {
      EXPECT_EQ(*found, expected.at(node));
    }
  }
}

}  // namespace
}  // namespace whittle::prove
