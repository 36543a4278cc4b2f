#include "base/time.h"

#include <gtest/gtest.h>

namespace whittle {
namespace {

TEST(TimeTest, ReadsWhatEnginesWrite) {
  EXPECT_EQ(ParseTimeText("2026-11-29T00:01:29.134605419Z"), 1795910489134);
  EXPECT_EQ(ParseTimeText("2026-11-29T01:01:29+01:00"), 1795910489000);
  EXPECT_EQ(ParseTimeText("2026-11-28T22:01:29.5-02:00"), 1795910489500);
  EXPECT_EQ(TimeText(*ParseTimeText("2026-11-29T00:01:29.134Z")), "2026-11-29T00:01:29.134Z");
}

TEST(TimeTest, NeverAndNonsenseAreNoTimes) {
  for (const char* text : {"0001-01-01T00:00:00Z", "", "yesterday", "2026-11-29T00:01:29",
                           "2026-11-29T00:01:29.Q", "2026-13-29T00:01:29Z", "2026-11-29T00:01:29+1:00"}) {
    EXPECT_FALSE(ParseTimeText(text)) << text;
  }
}

}  // namespace
}  // namespace whittle
