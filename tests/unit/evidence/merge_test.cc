#include <gtest/gtest.h>

#include "evidence/random_evidence.h"

namespace whittle::evidence {
namespace {

Evidence Union(const Evidence& a, const Evidence& b) {
  auto merged = Merge(a, b);
  RC_ASSERT(merged.has_value());
  return *merged;
}

TEST(Merge, IsCommutativeAssociativeAndIdempotent) {
  EXPECT_TRUE(rc::check([] {
    const Evidence a = RandomEvidence();
    const Evidence b = RandomEvidence();
    const Evidence c = RandomEvidence();
    RC_ASSERT(Union(a, b) == Union(b, a));
    RC_ASSERT(Union(Union(a, b), c) == Union(a, Union(b, c)));
    RC_ASSERT(Union(a, a) == a);
    RC_ASSERT(Union(Union(a, b), b) == Union(a, b));
    RC_ASSERT(Union(a, Evidence()) == a);
  }));
}

TEST(Merge, LosesNoSightingNoScriptAndNoGap) {
  EXPECT_TRUE(rc::check([] {
    const Evidence a = RandomEvidence();
    const Evidence merged = Union(a, RandomEvidence());
    for (const auto& [subject, calls] : a.subjects) {
      for (const auto& [key, observation] : calls) {
        for (const auto& [id, epochs] : observation.epochs) {
          const EpochSet& now = merged.subjects.at(subject).at(key).epochs.at(id);
          for (uint32_t epoch = 0; epoch <= epochs.last(); ++epoch) {
            RC_ASSERT(!epochs.Contains(epoch) || now.Contains(epoch));
          }
        }
      }
    }
    for (const auto& [subject, scripts] : a.scripts) {
      for (const auto& script : scripts) RC_ASSERT(merged.scripts.at(subject).contains(script));
    }
    RC_ASSERT(merged.complete() || !merged.gaps.empty());
    for (const auto& gap : a.gaps) RC_ASSERT(merged.gaps.contains(gap));
  }));
}

TEST(Merge, TheLargerCountOfAGapStands) {
  Evidence early;
  early.recordings["a"].epochs = 1;
  Evidence late = early;
  AddGap(early.gaps, {"a", "table-full", "", 3});
  AddGap(late.gaps, {"a", "table-full", "", 9});
  const auto merged = Merge(late, early);
  ASSERT_TRUE(merged);
  ASSERT_EQ(merged->gaps.size(), 1u);
  EXPECT_EQ(merged->gaps.begin()->count, 9u);
  EXPECT_FALSE(merged->complete());
}

TEST(Merge, RefusesTwoRecordingsUnderOneId) {
  Evidence a;
  a.recordings["web"].started_ms = 1;
  Evidence b;
  b.recordings["web"].started_ms = 2;
  const auto merged = Merge(a, b);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().code, ErrorCode::kBadInput);
  EXPECT_NE(merged.error().message.find("'web'"), std::string::npos);
  EXPECT_NE(merged.error().message.find("'started_ms'"), std::string::npos);
}

TEST(Merge, ContradictionsAreFoundInEveryOrder) {
  Evidence unknown;
  unknown.recordings["r"].image = "";
  Evidence one = unknown;
  one.recordings["r"].image = "nginx:1";
  Evidence two = unknown;
  two.recordings["r"].image = "nginx:2";
  EXPECT_FALSE(Merge(*Merge(unknown, one), two));
  EXPECT_FALSE(Merge(one, *Merge(two, unknown)));
}

}  // namespace
}  // namespace whittle::evidence
