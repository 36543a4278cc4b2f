#include "evidence/under_filter.h"

#include <gtest/gtest.h>

namespace whittle::evidence {
namespace {

constexpr bool kUnderOne = true;

Evidence Seen(bool under_filter, bool watched, Fate fate = Fate::kAllowed,
              Arrival arrival = Arrival::kWorkload) {
  Evidence evidence;
  evidence.recordings["r"].epochs = 1;
  evidence.recordings["r"].refusals_watched = watched;
  evidence.subjects[{"web", "/bin/web", arrival}][{Abi::kX86_64, 1, fate, under_filter}].epochs["r"].Add(0);
  return evidence;
}

Evidence WithGaps(Evidence evidence) {
  AddUnderFilterGaps(evidence);
  return evidence;
}

TEST(UnderFilter, RefusalsThatNobodyWatchedAreOneGapOfTheRecording) {
  Evidence evidence = Seen(kUnderOne, false);
  evidence.subjects[{"web", "/bin/web", Arrival::kWorkload}][{Abi::kX86_64, 2, Fate::kAllowed, kUnderOne}]
      .epochs["r"]
      .Add(0);
  evidence.recordings["unconfined"].epochs = 1;
  evidence.subjects[{"web", "/bin/web", Arrival::kWorkload}][{Abi::kX86_64, 1}].epochs["unconfined"].Add(0);
  evidence = WithGaps(WithGaps(evidence));
  ASSERT_EQ(evidence.gaps.size(), 1u);
  EXPECT_EQ(evidence.gaps.begin()->recording, "r");
  EXPECT_EQ(evidence.gaps.begin()->kind, "under-filter");
  EXPECT_TRUE(Read(Write(evidence), "e.json"));
}

TEST(UnderFilter, WhatCameFromOutsideUnderAFilterIsAGapToo) {
  EXPECT_FALSE(WithGaps(Seen(kUnderOne, false, Fate::kAllowed, Arrival::kArrived)).complete());
}

TEST(UnderFilter, WhereRefusalsWereWatchedOrNoFilterWasNothingIsMissing) {
  EXPECT_TRUE(WithGaps(Seen(kUnderOne, true)).complete());
  EXPECT_TRUE(WithGaps(Seen(!kUnderOne, false)).complete());
}

TEST(UnderFilter, WhatIsHiddenDependsOnWhetherRefusalsWereWatched) {
  EXPECT_EQ(FindHiddenByFilter(Seen(kUnderOne, false)), HiddenByFilter::kRefusals);
  EXPECT_EQ(FindHiddenByFilter(Seen(kUnderOne, true)), HiddenByFilter::kNothing);
  EXPECT_EQ(FindHiddenByFilter(Seen(kUnderOne, true, Fate::kDenied)), HiddenByFilter::kWhatFollowed);
  EXPECT_EQ(FindHiddenByFilter(Seen(!kUnderOne, false)), HiddenByFilter::kNothing);
  EXPECT_EQ(FindHiddenByFilter(WithGaps(Seen(kUnderOne, false))), HiddenByFilter::kNothing)
      << "its gap says it";
}

}  // namespace
}  // namespace whittle::evidence
