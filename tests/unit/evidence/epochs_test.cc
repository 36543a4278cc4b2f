#include "evidence/epochs.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

namespace whittle::evidence {
namespace {

TEST(EpochSet, JoinsRangesThatTouch) {
  EpochSet set;
  set.Add(5);
  set.Add(0, 2);
  set.Add(4);
  EXPECT_EQ(set.Text(), "0-2,4-5");
  set.Add(3);
  EXPECT_EQ(set.Text(), "0-5");
  EXPECT_EQ(set.count(), 6u);
}

TEST(EpochSet, HoldsTheLargestEpoch) {
  EpochSet set;
  set.Add(UINT32_MAX);
  set.Add(UINT32_MAX - 1);
  set.Add(0, UINT32_MAX);
  EXPECT_EQ(set.Text(), "0-4294967295");
  EXPECT_EQ(set.count(), uint64_t{1} << 32);
}

TEST(EpochSet, RefusesWhatItDoesNotWrite) {
  for (const char* text :
       {"1,1", "2,1", "3-3", "4-2", "1,2", "01", "1-", "-1", "1,,3", "a", "4294967296", " 1", "0x3"}) {
    EXPECT_FALSE(EpochSet::Parse(text)) << text;
  }
  EXPECT_TRUE(EpochSet::Parse("")->empty());
}

// The oracle: a plain set of numbers.
TEST(EpochSet, MeansASetOfNumbers) {
  EXPECT_TRUE(rc::check([] {
    EpochSet set;
    EpochSet other;
    std::set<uint32_t> plain;
    for (EpochSet* part : {&set, &other}) {
      const int pieces = *rc::gen::inRange(0, 12);
      for (int i = 0; i < pieces; ++i) {
        const uint32_t first = *rc::gen::inRange<uint32_t>(0, 60);
        const uint32_t last = *rc::gen::inRange<uint32_t>(first, first + 6);
        part->Add(first, last);
        for (uint32_t epoch = first; epoch <= last; ++epoch) plain.insert(epoch);
      }
    }
    set.Union(other);
    RC_ASSERT(set.count() == plain.size());
    for (uint32_t epoch = 0; epoch < 70; ++epoch) RC_ASSERT(set.Contains(epoch) == plain.contains(epoch));
    RC_ASSERT(*EpochSet::Parse(set.Text()) == set);
  }));
}

}  // namespace
}  // namespace whittle::evidence
