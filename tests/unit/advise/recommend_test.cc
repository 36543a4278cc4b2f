#include "advise/recommend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "profile/catalogue.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using testing::Contains;
using testing::Not;

evidence::Evidence Seen(const std::vector<const char*>& calls) {
  evidence::Evidence evidence;
  auto& recording = evidence.recordings["r"];
  recording.epochs = 10;
  recording.epoch_ms = 1000;
  for (const auto* call : calls) {
    evidence
        .subjects[{"web", "/bin/app", evidence::Arrival::kWorkload}]
                 [{Abi::kX86_64, *SyscallNumber(Abi::kX86_64, call), evidence::Fate::kAllowed, false}]
        .epochs["r"]
        .Add(2, 5);
  }
  return evidence;
}

Recommendation RecommendedFor(const std::vector<const char*>& calls) {
  auto made = Recommend(Seen(calls), {});
  EXPECT_TRUE(made) << made.error().message;
  return made ? *made : Recommendation{};
}

const Candidate& Named(const Recommendation& made, std::string_view name) {
  return *std::ranges::find(made.candidates, name, &Candidate::name);
}

TEST(Recommend, TheOneThatWorksWithTheFewestPoints) {
  const auto made = RecommendedFor({"read", "write", "openat", "exit_group"});
  ASSERT_NE(made.best(), nullptr);
  EXPECT_EQ(made.candidates.size(), profile::Catalogue().size());
  for (const auto& candidate : made.candidates) {
    EXPECT_EQ(candidate.works, Works::kYes) << candidate.name;
    EXPECT_TRUE(!candidate.protects || candidate.score.points >= made.best()->score.points) << candidate.name;
  }
  EXPECT_TRUE(made.best()->protects);
  EXPECT_TRUE(made.worth_it());
  EXPECT_EQ(made.saved(), made.best()->score.points - made.custom_score.points);
}

TEST(Recommend, WhatItLeavesOpenBeyondTheEvidence) {
  const auto made = RecommendedFor({"read", "write", "exit_group"});
  EXPECT_THAT(made.best()->beyond, Contains("listen"));
  EXPECT_THAT(made.best()->beyond, Not(Contains("read")));
  EXPECT_THAT(made.best()->beyond, Not(Contains("capset")));  // the runtime's own
}

TEST(Recommend, WhatWouldBreakIsNotRecommended) {
  const auto made = RecommendedFor({"read", "bpf"});
  EXPECT_EQ(made.best(), nullptr);
  EXPECT_TRUE(made.worth_it());
  const auto& docker = Named(made, "docker-default");
  EXPECT_EQ(docker.works, Works::kNo);
  ASSERT_EQ(docker.verification.refused.size(), 1u);
  EXPECT_EQ(docker.verification.refused[0].subject.executable, "/bin/app");
  EXPECT_EQ(Named(made, "allow-all").works, Works::kYes);
  EXPECT_FALSE(Named(made, "allow-all").protects);
  EXPECT_EQ(made.saved(), made.custom_score.most - made.custom_score.points);
}

TEST(Recommend, WhatDependsOnArgumentsIsPerhaps) {
  const auto made = RecommendedFor({"read", "personality"});
  EXPECT_EQ(Named(made, "docker-default").works, Works::kPerhaps);
  EXPECT_EQ(made.best(), nullptr);
}

TEST(Recommend, WithoutAWorkloadThereIsNothingToRecommend) {
  const auto made = Recommend(evidence::Evidence{}, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kBadInput);
}

}  // namespace
}  // namespace whittle::advise
