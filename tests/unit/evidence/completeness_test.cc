#include "evidence/completeness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace whittle::evidence {
namespace {

// One call a list: the units in which it was seen.
Incidence Seen(uint64_t units, const std::vector<std::vector<uint32_t>>& calls,
               UnitKind kind = UnitKind::kEpoch) {
  Incidence incidence{kind, units, {}, 0};
  uint32_t number = 0;
  for (const auto& call : calls) {
    EpochSet& seen = incidence.seen[{Abi::kX86_64, number++}];
    for (const uint32_t unit : call) seen.Add(unit);
  }
  return incidence;
}

TEST(Completeness, FollowsItsFormulas) {
  // 4 of 40 runs show what no other shows; 2 pairs of runs alone share a call.
  const auto estimate =
      EstimateCompleteness(Seen(40, {{0}, {1}, {5}, {9}, {2, 3}, {4, 7}, {0, 1, 2, 3}}, UnitKind::kRun));
  ASSERT_TRUE(estimate);
  EXPECT_DOUBLE_EQ(estimate->coverage.value, 0.9);
  const double z = 1.96 + 2.37 / 39;
  const double above = z * z / 2 + z * std::sqrt(4 + 2 * 2 + z * z / 4);
  EXPECT_NEAR(estimate->coverage.low, 1 - (0.1 + 1 - std::exp(-above / 40)), 1e-9);
  EXPECT_NEAR(estimate->coverage.high, 1, 1e-9);
  EXPECT_DOUBLE_EQ(estimate->chao2, 39.0 / 40 * 4 * 3 / (2 * 3));
  EXPECT_EQ(estimate->news, 4u);
  EXPECT_EQ(estimate->once, 4u);
  EXPECT_EQ(estimate->twice, 2u);
  EXPECT_FALSE(estimate->few_units);
}

TEST(Completeness, OfIndependentCallsIsGoodAndTurings) {
  const auto estimate = EstimateCompleteness(Seen(100, {{3}, {50}, {90}, {1, 70}, {10, 20, 30, 99}}));
  ASSERT_TRUE(estimate);
  EXPECT_DOUBLE_EQ(estimate->coverage.value, 0.97);
}

TEST(Completeness, CallsThatComeTogetherCountAsOne) {
  std::vector<std::vector<uint32_t>> together(20, {7});
  together.push_back({0, 1, 2, 3, 4, 5});
  const auto estimate = EstimateCompleteness(Seen(100, together));
  ASSERT_TRUE(estimate);
  EXPECT_DOUBLE_EQ(estimate->coverage.value, 0.99);
  EXPECT_DOUBLE_EQ(estimate->chao2, 0);
  EXPECT_EQ(estimate->unseen_at_least, 0u);
}

TEST(Completeness, ABurstIsWhatHappensOnce) {
  // Five bursts of epochs, each with a call of its own: no call was seen in one epoch only.
  const auto bursts =
      EstimateCompleteness(Seen(100, {{10, 11, 12}, {30, 32}, {50, 51}, {70, 72, 73}, {90, 91}}));
  const auto steady =
      EstimateCompleteness(Seen(100, {{10, 80, 99}, {30, 92}, {0, 91}, {7, 72, 73}, {9, 90}}));
  ASSERT_TRUE(bursts && steady);
  EXPECT_DOUBLE_EQ(bursts->coverage.value, 1);
  EXPECT_LT(bursts->coverage.low, 0.90);
  EXPECT_GT(steady->coverage.low, 0.91);
}

TEST(Completeness, IsNeverCertain) {
  const auto estimate = EstimateCompleteness(Seen(100, {{0, 99}, {5, 50, 90}}));
  ASSERT_TRUE(estimate);
  EXPECT_DOUBLE_EQ(estimate->coverage.value, 1);
  EXPECT_LT(estimate->coverage.low, 0.97);
}

TEST(Completeness, NeedsTwoUnits) {
  EXPECT_FALSE(EstimateCompleteness(Seen(1, {{0}, {0}})));
  EXPECT_FALSE(EstimateCompleteness(Seen(0, {})));
}

TEST(Completeness, ClaimsNotMoreCallsUnseenThanThereAre) {
  std::vector<std::vector<uint32_t>> calls;
  for (uint32_t unit = 0; unit < 60; ++unit) calls.push_back({unit});
  const auto estimate = EstimateCompleteness(Seen(60, calls));
  ASSERT_TRUE(estimate);
  EXPECT_GT(estimate->unseen_at_least, 0u);
  EXPECT_LT(estimate->chao2, 500);
}

// Runs of a workload that makes a few calls always and one in each run only.
Evidence Runs(size_t count) {
  Evidence evidence;
  for (size_t run = 0; run < count; ++run) {
    const std::string id = "r" + std::to_string(run);
    evidence.recordings[id].epochs = 30;
    evidence.recordings[id].started_ms = static_cast<int64_t>(run);
    auto& calls = evidence.subjects[{"web", "/bin/a", Arrival::kWorkload}];
    calls[{Abi::kX86_64, 0}].epochs[id].Add(0, 29);
    calls[{Abi::kX86_64, static_cast<uint32_t>(1 + run)}].epochs[id].Add(3);
  }
  return evidence;
}

TEST(Assessment, CountsByEpochsOfFewRunsAndByManyRuns) {
  const auto few = AssessCompleteness(Runs(3));
  ASSERT_TRUE(few.known());
  EXPECT_EQ(few.best().kind, UnitKind::kEpoch);
  EXPECT_EQ(few.best().units, 90u);
  EXPECT_EQ(few.why, "3 runs are too few to count by");
  ASSERT_EQ(few.by_kind.size(), 2u);  // replicas are the runs here
  EXPECT_EQ(few.by_kind[1].kind, UnitKind::kRun);
  EXPECT_TRUE(few.by_kind[1].few_units);
  const auto many = AssessCompleteness(Runs(25));
  EXPECT_EQ(many.best().kind, UnitKind::kRun);
  EXPECT_EQ(many.best().units, 25u);
  EXPECT_EQ(many.calls, 26u);
  EXPECT_DOUBLE_EQ(many.best().coverage.value, 0);
}

TEST(Assessment, CountsByReplicasWhereOneRunHoldsMany) {
  Evidence evidence;
  evidence.recordings["r"].epochs = 30;
  for (int i = 0; i < 20; ++i) {
    evidence.subjects[{"web-" + std::to_string(i), "/bin/a", Arrival::kWorkload}][{Abi::kX86_64, 0}]
        .epochs["r"]
        .Add(0, 9);
  }
  const auto assessment = AssessCompleteness(evidence);
  ASSERT_TRUE(assessment.known());
  EXPECT_EQ(assessment.best().kind, UnitKind::kReplica);
  EXPECT_EQ(assessment.best().units, 20u);
}

TEST(Incidence, CountsEpochsOfTheWorkloadOnly) {
  Evidence evidence;
  evidence.recordings["a"].epochs = 10;
  evidence.recordings["b"].epochs = 10;
  const CallKey openat{Abi::kX86_64, 257, Fate::kAllowed, false};
  CallKey denied = openat;
  denied.fate = Fate::kDenied;
  evidence.subjects[{"web", "/bin/a", Arrival::kWorkload}][openat].epochs["a"].Add(0, 3);
  evidence.subjects[{"web", "/bin/b", Arrival::kWorkload}][denied].epochs["a"].Add(3, 4);
  evidence.subjects[{"web", "/bin/b", Arrival::kWorkload}][openat].epochs["b"].Add(0);
  evidence.subjects[{"web", "/runc", Arrival::kArrived}][openat].epochs["a"].Add(9);
  const auto incidence = IncidenceOf(evidence);
  EXPECT_EQ(incidence.units, 6u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 257}).count(), 6u);
}

TEST(Incidence, StartAndEndAreNoSampleOfTheLoad) {
  Evidence evidence;
  evidence.recordings["a"].exercised = {"start", "shutdown"};
  evidence.recordings["b"].exercised = {"start"};
  auto& calls = evidence.subjects[{"web", "/bin/a", Arrival::kWorkload}];
  calls[{Abi::kX86_64, 0}].epochs["a"].Add(0, 9);  // throughout
  calls[{Abi::kX86_64, 1}].epochs["a"].Add(0);     // at the start
  calls[{Abi::kX86_64, 2}].epochs["a"].Add(9);     // at the end
  calls[{Abi::kX86_64, 3}].epochs["a"].Add(8, 9);  // at the end and before
  calls[{Abi::kX86_64, 0}].epochs["b"].Add(2, 4);
  const auto incidence = IncidenceOf(evidence);
  EXPECT_EQ(incidence.units, 8u + 2u);
  EXPECT_EQ(incidence.starts, 2u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 0}).count(), 10u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 1}).count(), 0u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 2}).count(), 0u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 3}).count(), 1u);
  const auto estimate = EstimateCompleteness(incidence);
  ASSERT_TRUE(estimate);
  EXPECT_EQ(estimate->ends_only, 2u);
  EXPECT_EQ(estimate->calls, 2u);
}

TEST(Incidence, ALifeOfOneEpochHasNoUnits) {
  Evidence evidence;
  evidence.recordings["a"].exercised = {"start", "shutdown"};
  evidence.subjects[{"web", "/bin/a", Arrival::kWorkload}][{Abi::kX86_64, 0}].epochs["a"].Add(3);
  EXPECT_EQ(IncidenceOf(evidence).units, 0u);
}

TEST(Incidence, EachReplicaHasItsOwnStart) {
  Evidence evidence;
  evidence.recordings["a"].exercised = {"start"};
  auto& early = evidence.subjects[{"web-1", "/bin/a", Arrival::kWorkload}];
  auto& late = evidence.subjects[{"web-2", "/bin/a", Arrival::kWorkload}];
  early[{Abi::kX86_64, 0}].epochs["a"].Add(0, 9);
  late[{Abi::kX86_64, 0}].epochs["a"].Add(5, 9);
  late[{Abi::kX86_64, 1}].epochs["a"].Add(5);  // at its start
  const auto incidence = IncidenceOf(evidence);
  EXPECT_EQ(incidence.units, 9u);
  EXPECT_EQ(incidence.starts, 2u);
  EXPECT_TRUE(incidence.seen.at({Abi::kX86_64, 1}).empty());
}

TEST(Incidence, NumbersTheActiveEpochsOfAllRecordings) {
  Evidence evidence;
  evidence.recordings["b"].started_ms = 1;
  evidence.recordings["a"].started_ms = 2;
  auto& calls = evidence.subjects[{"web", "/bin/a", Arrival::kWorkload}];
  calls[{Abi::kX86_64, 0}].epochs["b"].Add(10, 11);
  calls[{Abi::kX86_64, 0}].epochs["b"].Add(20);
  calls[{Abi::kX86_64, 1}].epochs["b"].Add(20);
  calls[{Abi::kX86_64, 1}].epochs["a"].Add(7);
  const auto incidence = IncidenceOf(evidence);
  EXPECT_EQ(incidence.units, 4u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 0}).Text(), "0-2");
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 1}).Text(), "2-3");
}

TEST(Incidence, HostileLengthsAreNoProblem) {
  Evidence evidence;
  for (const char* id : {"a", "b", "c"}) {
    evidence.subjects[{"web", "/bin/a", Arrival::kWorkload}][{Abi::kX86_64, 0}].epochs[id].Add(0, UINT32_MAX);
  }
  const auto incidence = IncidenceOf(evidence);
  EXPECT_LE(incidence.units, uint64_t{UINT32_MAX});
  EstimateCompleteness(incidence);
  AssessCompleteness(evidence);
}

}  // namespace
}  // namespace whittle::evidence
