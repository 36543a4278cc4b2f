// Do the intervals hold what they say? Against workloads whose truth is known, with fixed seeds. The table of
// docs/completeness.md is what this prints with WHITTLE_FULL=1.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "evidence/completeness.h"
#include "evidence/simulated_workloads.h"

namespace whittle::evidence {
namespace {

constexpr double kLeast = 0.93;  // of the rounds, in which an interval of 95 % must hold the truth

bool Full() { return std::getenv("WHITTLE_FULL") != nullptr; }

std::vector<uint32_t> Lengths() {
  return Full() ? std::vector<uint32_t>{5, 10, 20, 50, 100, 300, 1000}
                : std::vector<uint32_t>{5, 20, 50, 200};
}

int Rounds() { return Full() ? 2000 : 500; }

// Shares of the rounds, and means over them.
struct Outcome {
  double held = 0;        // the coverage interval held the truth
  double bound_held = 0;  // not more were claimed unseen than were
  double chao2 = 0, unseen = 0;
};

Outcome Simulate(const SimulatedWorkload& workload, uint32_t epochs) {
  std::mt19937_64 random(epochs);
  Outcome outcome;
  for (int round = 0; round < Rounds(); ++round) {
    const auto simulated = workload.run(epochs, random);
    const auto estimate = EstimateCompleteness(simulated.incidence);
    if (!estimate) continue;
    constexpr double kRounding = 1e-9;
    const bool in = simulated.nothing_new >= estimate->coverage.low - kRounding &&
                    simulated.nothing_new <= estimate->coverage.high + kRounding;
    outcome.held += in ? 1.0 / Rounds() : 0;
    outcome.bound_held += estimate->unseen_at_least <= simulated.unseen ? 1.0 / Rounds() : 0;
    outcome.chao2 += estimate->chao2 / Rounds();
    outcome.unseen += static_cast<double>(simulated.unseen) / Rounds();
  }
  return outcome;
}

class Simulation : public testing::TestWithParam<size_t> {};

TEST_P(Simulation, IntervalsHoldTheTruth) {
  const auto& workload = SimulatedWorkloads()[GetParam()];
  std::string row = fmt::format("| {} ", workload.name);
  double worst_bound = 1;
  for (const uint32_t epochs : Lengths()) {
    const auto outcome = Simulate(workload, epochs);
    EXPECT_GE(outcome.held, kLeast) << workload.name << ", " << epochs << " epochs: coverage";
    EXPECT_GE(outcome.bound_held, kLeast) << workload.name << ", " << epochs << " epochs: calls not seen";
    EXPECT_LE(outcome.chao2, 1.05 * outcome.unseen + 0.2) << workload.name << ", " << epochs << " epochs";
    row += fmt::format("| {:.1f} ", 100 * outcome.held);
    worst_bound = std::min(worst_bound, outcome.bound_held);
  }
  if (Full()) fmt::print("{}| {:.1f} |\n", row, 100 * worst_bound);
}

INSTANTIATE_TEST_SUITE_P(Workloads, Simulation, testing::Range<size_t>(0, SimulatedWorkloads().size()));

// Runs and replicas have no order in time: there what is seen in one is seen once.
TEST(SimulationOfRuns, IntervalsHoldTheTruth) {
  for (const auto& workload : SimulatedWorkloads().subspan(0, 12)) {
    std::mt19937_64 random(1);
    int held = 0;
    for (int round = 0; round < Rounds(); ++round) {
      auto simulated = workload.run(25, random);
      simulated.incidence.kind = UnitKind::kRun;
      const auto estimate = EstimateCompleteness(simulated.incidence);
      held += estimate && simulated.nothing_new >= estimate->coverage.low - 1e-9 &&
              simulated.nothing_new <= estimate->coverage.high + 1e-9;
    }
    EXPECT_GE(held, kLeast * Rounds()) << workload.name;
  }
}

}  // namespace
}  // namespace whittle::evidence
