#include "evidence/completeness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <tuple>
#include <vector>

namespace whittle::evidence {
namespace {

// The chance of each call to be made in an epoch.
using Chances = std::vector<double>;

// From steady calls to ever rarer ones, as real workloads have them.
Chances LongTail() {
  Chances chances(30, 0.95);
  for (int i = 0; i < 50; ++i) chances.push_back(0.5 * std::pow(0.88, i));
  return chances;
}

// Steady calls and equally rare ones: here Chao2 is more than a lower bound.
Chances EquallyRare() {
  Chances chances(30, 0.95);
  chances.insert(chances.end(), 50, 0.02);
  return chances;
}

struct Simulation {
  Incidence incidence;
  double nothing_new = 1;  // the true chance that the next epoch shows nothing new
  double unseen = 0;       // the true number of calls not seen
};

Simulation Simulate(const Chances& chances, uint32_t epochs, std::mt19937& random) {
  Simulation simulation;
  simulation.incidence.units = epochs;
  for (uint32_t call = 0; call < chances.size(); ++call) {
    const auto seen = std::binomial_distribution<uint32_t>(epochs, chances[call])(random);
    if (seen > 0) {
      simulation.incidence.seen[{Abi::kX86_64, call}] = seen;
    } else {
      simulation.nothing_new *= 1 - chances[call];
      simulation.unseen += 1;
    }
  }
  return simulation;
}

struct Hits {
  int coverage = 0;
  int unseen = 0;
  double estimated = 0;
  double true_unseen = 0;
};

Hits SimulateRounds(const Chances& chances, uint32_t epochs, int rounds) {
  std::mt19937 random(epochs);
  Hits hits;
  for (int round = 0; round < rounds; ++round) {
    const auto simulation = Simulate(chances, epochs, random);
    const auto estimate = EstimateCompleteness(simulation.incidence);
    if (!estimate) continue;
    const auto& [coverage, unseen] = std::tie(estimate->coverage, estimate->unseen);
    // The estimate counts the chance of each unseen call by itself, so the truth may lie a little above.
    hits.coverage += simulation.nothing_new >= coverage.low && simulation.nothing_new <= coverage.high + 0.02;
    hits.unseen += simulation.unseen >= unseen.low && simulation.unseen <= unseen.high;
    hits.estimated += unseen.value / rounds;
    hits.true_unseen += simulation.unseen / rounds;
  }
  return hits;
}

constexpr int kRounds = 1000;

class SimulatedWorkload : public testing::TestWithParam<uint32_t> {};

TEST_P(SimulatedWorkload, CoverageIntervalHoldsTheTruth) {
  EXPECT_GE(SimulateRounds(LongTail(), GetParam(), kRounds).coverage, kRounds * 0.90);
  EXPECT_GE(SimulateRounds(EquallyRare(), GetParam(), kRounds).coverage, kRounds * 0.90);
}

TEST_P(SimulatedWorkload, Chao2IsALowerBound) {
  for (const auto& chances : {LongTail(), EquallyRare()}) {
    const Hits hits = SimulateRounds(chances, GetParam(), kRounds);
    EXPECT_LE(hits.estimated, hits.true_unseen * 1.05 + 0.2);
  }
}

INSTANTIATE_TEST_SUITE_P(Epochs, SimulatedWorkload, testing::Values(20, 50, 200, 1000));

TEST(Completeness, Chao2IntervalHoldsTheTruthWhereRareCallsAreEquallyRare) {
  for (const uint32_t epochs : {20u, 50u, 100u}) {
    EXPECT_GE(SimulateRounds(EquallyRare(), epochs, kRounds).unseen, kRounds * 0.85) << epochs;
  }
}

Incidence Seen(uint64_t units, std::initializer_list<uint64_t> counts) {
  Incidence incidence;
  incidence.units = units;
  uint32_t call = 0;
  for (const uint64_t count : counts) incidence.seen[{Abi::kX86_64, call++}] = count;
  return incidence;
}

TEST(Completeness, FollowsThePublishedFormulas) {
  // T = 10, Q1 = 4, Q2 = 2: missing 0.4; Chao2 = 0.9 * 4 * 3 / (2 * 3) = 1.8.
  const auto estimate = EstimateCompleteness(Seen(10, {1, 1, 1, 1, 2, 2, 10, 10}));
  ASSERT_TRUE(estimate);
  EXPECT_DOUBLE_EQ(estimate->coverage.value, 0.6);
  EXPECT_DOUBLE_EQ(estimate->unseen.value, 1.8);
  const double variance = 0.9 * 4 * 3 / 6 + 0.81 * 4 * 49 / 36 + 0.81 * 16 * 2 * 9 / (4 * 81);
  const double factor = std::exp(1.96 * std::sqrt(std::log(1 + variance / (1.8 * 1.8))));
  EXPECT_NEAR(estimate->unseen.low, 1.8 / factor, 1e-9);
  EXPECT_NEAR(estimate->unseen.high, 1.8 * factor, 1e-9);
  EXPECT_TRUE(estimate->few_units);
}

TEST(Completeness, IsNeverCertain) {
  const auto estimate = EstimateCompleteness(Seen(100, {100, 100, 50}));
  ASSERT_TRUE(estimate);
  EXPECT_DOUBLE_EQ(estimate->coverage.value, 1);
  EXPECT_LT(estimate->coverage.low, 1);
  EXPECT_GT(estimate->unseen.high, 0);
}

TEST(Completeness, NeedsTwoEpochs) {
  EXPECT_FALSE(EstimateCompleteness(Seen(1, {1, 1})));
  EXPECT_FALSE(EstimateCompleteness(Seen(0, {})));
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
  const auto incidence = IncidenceOfWorkload(evidence);
  EXPECT_EQ(incidence.units, 6u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 257}), 6u);
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
  const auto incidence = IncidenceOfWorkload(evidence);
  EXPECT_EQ(incidence.units, 8u + 2u);
  EXPECT_EQ(incidence.starts, 2u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 0}), 10u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 1}), 0u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 2}), 0u);
  EXPECT_EQ(incidence.seen.at({Abi::kX86_64, 3}), 1u);
  const auto estimate = EstimateCompleteness(incidence);
  ASSERT_TRUE(estimate);
  EXPECT_EQ(estimate->ends_only, 2u);
  EXPECT_EQ(estimate->calls, 2u);
}

TEST(Incidence, ALifeOfOneEpochHasNoUnits) {
  Evidence evidence;
  evidence.recordings["a"].exercised = {"start", "shutdown"};
  evidence.subjects[{"web", "/bin/a", Arrival::kWorkload}][{Abi::kX86_64, 0}].epochs["a"].Add(3);
  EXPECT_EQ(IncidenceOfWorkload(evidence).units, 0u);
}

TEST(Phases, ThoseThatNoRecordingSawAreNamed) {
  Evidence evidence;
  evidence.recordings["a"].exercised = {"start"};
  evidence.recordings["b"].exercised = {"shutdown"};
  for (const auto& phase : PhasesNotExercised(evidence)) {
    EXPECT_NE(phase.name, "start");
    EXPECT_NE(phase.name, "shutdown");
  }
  EXPECT_EQ(PhasesNotExercised(evidence).size(), KnownPhases().size() - 2);
}

}  // namespace
}  // namespace whittle::evidence
