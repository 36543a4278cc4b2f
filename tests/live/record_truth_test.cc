// Ground truth: programs that make exactly the calls that a plan names are recorded exactly: nothing missing,
// nothing extra, right ABI, right executable.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "record_calls_numbers.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

// 50 sets where it counts (WHITTLE_FULL=1), fewer in a daily run.
int Sets() { return std::getenv("WHITTLE_FULL") ? 50 : 12; }

class RecordTruth : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
  }
};

void ExpectExactly(const evidence::Evidence& evidence, const Plan& plan, const std::string& what) {
  const CallSet first = Seen(evidence, "-", ProgramPath());
  const CallSet second = Seen(evidence, "-", CopyPath());
  EXPECT_EQ(Text(Minus(plan.first, first)), "nothing") << what << ": missing";
  EXPECT_EQ(Text(Minus(first, plan.first)), "nothing") << what << ": extra";
  EXPECT_EQ(Text(Minus(plan.second, second)), "nothing") << what << ": missing after execve";
  EXPECT_EQ(Text(Minus(second, plan.second)), "nothing") << what << ": extra after execve";
  EXPECT_EQ(Gaps(evidence), "") << what;
  for (const auto& [subject, calls] : evidence.subjects) {
    EXPECT_TRUE(subject.arrival == evidence::Arrival::kArrived || subject.executable == ProgramPath() ||
                subject.executable == CopyPath())
        << what << ": " << subject.executable << " is nobody that ran";
  }
}

void RunRandomSets(uint32_t seed, Options::Variant variant) {
  std::mt19937 random(seed);
  for (int set = 0; set < Sets(); set++) {
    const Plan plan = RandomPlan(random, 5 + static_cast<int>(random() % 80), set % 2 == 0 ? "" : CopyPath());
    std::vector<std::string> argv{ProgramPath()};
    argv.insert(argv.end(), plan.words.begin(), plan.words.end());
    Options options;
    options.epoch_ms = set % 3 == 0 ? 5 : 1000;
    options.variant = variant;
    const auto evidence = RecordCommand(std::move(options), argv);
    ASSERT_TRUE(evidence) << evidence.error().message;
    ExpectExactly(*evidence, plan, "set " + std::to_string(set));
    if (testing::Test::HasFailure()) return;
  }
}

TEST_F(RecordTruth, RandomSetsAreRecordedExactly) { RunRandomSets(1, Options::Variant::kBest); }

TEST_F(RecordTruth, RandomSetsAreRecordedExactlyByTheVariantForOlderKernels) {
  RunRandomSets(2, Options::Variant::kTaskHelper);
}

}  // namespace
}  // namespace whittle::record
