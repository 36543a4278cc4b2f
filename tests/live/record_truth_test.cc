// Ground truth: programs that make exactly the calls that a plan names are recorded exactly: nothing missing,
// nothing extra, right ABI, right executable.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "record_calls_numbers.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

// 200 sets where it counts (WHITTLE_FULL=1), fewer in a daily run.
int Sets() { return std::getenv("WHITTLE_FULL") ? 200 : 12; }

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

// Records these words, which make exactly these calls.
evidence::Evidence RunWords(std::vector<std::string> words, const CallSet& calls, int64_t epoch_ms = 1000) {
  words.insert(words.begin(), ProgramPath());
  Options options;
  options.epoch_ms = epoch_ms;
  auto evidence = RecordCommand(std::move(options), words);
  EXPECT_TRUE(evidence) << evidence.error().message;
  if (!evidence) return {};
  ExpectExactly(*evidence, {{}, calls, {}}, words[1]);
  return *evidence;
}

constexpr Abi k64 = Abi::kX86_64;

TEST_F(RecordTruth, ManyShortThreadsAndProcessesAreNeverTakenForOneAnother) {
  const CallSet calls = {{k64, NR_mmap},   {k64, NR_clone},           {k64, NR_sched_yield},
                         {k64, NR_exit},   {k64, NR_wait4},           {k64, NR_exit_group},
                         {Abi::kI386, 20}, {Abi::kX32, 39 | kX32Bit}, {k64, 102}};
  RunWords({"L:1500", "T", "i:20", ".", "T", "x:39", ".", ".", "L:400", "F", "i:20", "n:102", ".", "."},
           calls);
}

// Two threads of one process and a child at once, each with an ABI of its own.
TEST_F(RecordTruth, AbisAreTheThreadsOwn) {
  const CallSet calls = {{k64, NR_mmap},    {k64, NR_clone},      {k64, NR_exit},
                         {k64, NR_wait4},   {k64, NR_exit_group}, {k64, NR_sched_yield},
                         {Abi::kI386, 313}, {k64, 313},           {Abi::kX32, 313 | kX32Bit}};
  RunWords({"t", "L:60000", "i:313", ".", ".", "F", "L:60000", "n:313", ".", ".", "T", "L:60000", "x:313",
            ".", "."},
           calls);
}

TEST_F(RecordTruth, TurningTheEpochLosesNoCall) {
  std::vector<std::string> words{"L:400"};
  CallSet calls = {{k64, NR_mmap}, {k64, NR_exit_group}};
  for (uint32_t number = 600; number < 1000; number++) {
    words.push_back("n:" + std::to_string(number));
    calls.emplace(k64, number);
  }
  words.push_back(".");
  const auto evidence = RunWords(words, calls, 1);
  ASSERT_EQ(evidence.recordings.size(), 1u);
  const auto& [id, recording] = *evidence.recordings.begin();
  EXPECT_GT(recording.epochs, 10u) << "too few epochs to test anything";
  // The loop makes every call many times in an epoch: all were seen in all of them but the first and the
  // last.
  const auto& seen = evidence.subjects.at({"-", ProgramPath(), evidence::Arrival::kWorkload});
  const auto& one = seen.at({k64, 700, evidence::Fate::kAllowed, false}).epochs.at(id);
  const auto& other = seen.at({k64, 900, evidence::Fate::kAllowed, false}).epochs.at(id);
  EXPECT_LE(std::max(one.count(), other.count()) - std::min(one.count(), other.count()), one.count() / 2 + 2);
}

// Of a subject of this program: numbers that were seen with, and without, a filter.
std::pair<std::set<uint32_t>, std::set<uint32_t>> ByFilter(const evidence::Evidence& evidence) {
  std::pair<std::set<uint32_t>, std::set<uint32_t>> numbers;
  for (const auto& [key, observation] :
       evidence.subjects.at({"-", ProgramPath(), evidence::Arrival::kWorkload})) {
    (key.under_filter ? numbers.first : numbers.second).insert(key.number);
  }
  return numbers;
}

TEST_F(RecordTruth, WhetherAFilterWasInForceIsTrueForEachCall) {
  const CallSet calls = {
      {k64, NR_mmap}, {k64, NR_prctl},      {k64, NR_seccomp}, {k64, NR_clone}, {k64, NR_sched_yield},
      {k64, NR_exit}, {k64, NR_exit_group}, {k64, 39},         {k64, 102},      {k64, 104}};
  const auto evidence = RunWords({"n:39", "S", "n:102", "T", "n:104", ".", "."}, calls);
  const auto [with, without] = ByFilter(evidence);
  EXPECT_EQ(without, (std::set<uint32_t>{NR_mmap, 39, NR_prctl, NR_seccomp}));
  EXPECT_EQ(with, (std::set<uint32_t>{102, 104, NR_clone, NR_sched_yield, NR_exit, NR_exit_group}));
}

TEST_F(RecordTruth, AFilterForAllThreadsIsSeenByTheOthers) {
  const CallSet calls = {
      {k64, NR_mmap},       {k64, NR_prctl}, {k64, NR_seccomp}, {k64, NR_clone}, {k64, NR_sched_yield},
      {k64, NR_exit_group}, {k64, 39},       {k64, 102},        {k64, 104}};
  // The thread runs on until the process ends; what it calls at the end is under the filter that the other
  // one set.
  const auto evidence = RunWords({"t", "L:1000000000", "n:102", ".", ".", "L:2000000", "n:104", ".", "S",
                                  "L:2000000", "n:104", ".", "n:39", "."},
                                 calls);
  const auto [with, without] = ByFilter(evidence);
  EXPECT_TRUE(without.contains(102));
  EXPECT_TRUE(with.contains(102)) << "the other thread's calls are still taken for unfiltered";
  EXPECT_FALSE(without.contains(39));
}

}  // namespace
}  // namespace whittle::record
