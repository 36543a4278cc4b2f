#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "import/audit_serials.h"

namespace whittle::import {
namespace {

TEST(Serials, CountOnceAndShowHoles) {
  Serials serials;
  EXPECT_EQ(serials.Add("", 1000, 5), Serials::Seen::kFirst);
  EXPECT_EQ(serials.Add("", 1001, 8), Serials::Seen::kFirst);
  EXPECT_EQ(serials.Add("", 1001, 8), Serials::Seen::kAgain);
  EXPECT_EQ(serials.Missing(), 2);
  serials.Add("", 1000, 7);
  serials.Add("", 1000, 6);
  EXPECT_EQ(serials.Missing(), 0);
}

TEST(Serials, BeginAnewAtEveryBoot) {
  Serials serials;
  serials.Add("", 1'000'000, 50);
  serials.Add("", 1'001'000, 51);
  EXPECT_EQ(serials.Add("", 9'000'000, 50), Serials::Seen::kFirst);
  EXPECT_EQ(serials.Add("", 9'000'500, 51), Serials::Seen::kFirst);
  EXPECT_EQ(serials.Add("", 1'001'000, 51), Serials::Seen::kAgain);
  EXPECT_EQ(serials.Missing(), 0);
}

TEST(Serials, AreOfOneMachine) {
  Serials serials;
  serials.Add("a", 1000, 1);
  EXPECT_EQ(serials.Add("b", 1000, 1), Serials::Seen::kFirst);
  EXPECT_EQ(serials.Missing(), 0);
}

TEST(Serials, DoNotDependOnTheOrderOfPieces) {
  std::vector<uint64_t> numbers = {1, 2, 3, 5, 8, 9, 10, 14};
  do {
    Serials serials;
    for (const uint64_t number : numbers) {
      EXPECT_EQ(serials.Add("", static_cast<int64_t>(number), number), Serials::Seen::kFirst);
    }
    EXPECT_EQ(serials.Missing(), 6);
    std::next_permutation(numbers.begin(), numbers.begin() + 5);
  } while (!std::is_sorted(numbers.begin(), numbers.end()));
}

TEST(Serials, GiveUpOnHostileNumbersInsteadOfTakingTheMemory) {
  Serials serials;
  for (uint64_t number = 0; number < (2U << 20) + 10; ++number) serials.Add("", 5, number * 2);
  EXPECT_TRUE(serials.overrun());
  EXPECT_EQ(serials.Missing(), 0);
}

}  // namespace
}  // namespace whittle::import
