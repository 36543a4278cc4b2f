#include "record/quiet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::record {
namespace {

using ::testing::HasSubstr;

TEST(Quiet, DetachesOnceNothingNewCame) {
  Quiet quiet(1000, 0, 5000);
  EXPECT_FALSE(quiet.IsQuiet(5999));
  EXPECT_TRUE(quiet.IsQuiet(6000));
  quiet.News(5500);
  EXPECT_FALSE(quiet.IsQuiet(6000));
  EXPECT_TRUE(quiet.IsQuiet(6500));
}

TEST(Quiet, NeverDetachesUnlessAskedTo) {
  const Quiet quiet(0, 0, 0);
  EXPECT_FALSE(quiet.IsQuiet(1'000'000'000));
  EXPECT_FALSE(quiet.GapOf("r", 1'000'000'000));
}

TEST(Quiet, WatchesAgainBySchedule) {
  Quiet quiet(1000, 3000, 0);
  quiet.Detached(1000, 1000);
  EXPECT_FALSE(quiet.watching());
  EXPECT_FALSE(quiet.IsQuiet(5000)) << "it does not watch";
  EXPECT_FALSE(quiet.IsDue(3999));
  EXPECT_TRUE(quiet.IsDue(4000));
  quiet.Attached(4000, 4000);
  EXPECT_TRUE(quiet.watching());
  EXPECT_FALSE(quiet.IsQuiet(4999)) << "it watches for as long as it takes to be quiet again";
  EXPECT_TRUE(quiet.IsQuiet(5000));
}

TEST(Quiet, WithoutAScheduleItWaits) {
  Quiet quiet(1000, 0, 0);
  quiet.Detached(1000, 1000);
  EXPECT_FALSE(quiet.IsDue(1'000'000'000));
}

TEST(Quiet, SaysWhenNobodyWatched) {
  Quiet quiet(1000, 0, 0);
  quiet.Detached(1000, 101'000);
  auto gap = quiet.GapOf("r", 103'500);
  ASSERT_TRUE(gap) << "it is detached now";
  EXPECT_EQ(gap->kind, "detached");
  EXPECT_EQ(gap->count, 3u) << "seconds, rounded up";
  quiet.Attached(5000, 105'000);
  quiet.Detached(7000, 107'000);
  quiet.Attached(8000, 108'000);
  gap = quiet.GapOf("r", 200'000);
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->count, 5u);
  EXPECT_THAT(gap->detail, HasSubstr("from 1970-01-01T00:01:41.000Z to 1970-01-01T00:01:45.000Z, "
                                     "from 1970-01-01T00:01:47.000Z to 1970-01-01T00:01:48.000Z:"));
  EXPECT_THAT(gap->detail, HasSubstr("refused by an error"));
}

TEST(Quiet, ListsOnlySoManyTimes) {
  Quiet quiet(1, 1, 0);
  for (int i = 0; i < 1000; i++) {
    quiet.Detached(2 * i, 2 * i);
    quiet.Attached(2 * i + 1, 2 * i + 1);
  }
  const auto gap = quiet.GapOf("r", 5000);
  ASSERT_TRUE(gap);
  EXPECT_LT(gap->detail.size(), 2000u);
  EXPECT_THAT(gap->detail, HasSubstr("and 980 times more"));
  EXPECT_EQ(gap->count, 1u);
}

}  // namespace
}  // namespace whittle::record
