// The denial watch: refused calls are counted and named exactly, and none is invented.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <map>

#include "base/time.h"
#include "record/confirm.h"
#include "record_calls_numbers.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

// (ABI, number, fate, errno) -> count
using Refused = std::map<std::tuple<Abi, uint32_t, evidence::Fate, int32_t>, uint64_t>;

struct Outcome {
  Refused refused;
  evidence::Evidence evidence;
};

class RecordDenials : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
  }

  // Runs record_calls with these words under the watch.
  static Outcome Run(std::vector<std::string> words, ConfirmDenial confirm) {
    Options options;
    options.denials = Denials::kWatch;
    options.confirm = std::move(confirm);
    options.epoch_ms = 20;
    auto recorder = Recorder::Create(std::move(options));
    EXPECT_TRUE(recorder) << recorder.error().message;
    if (!recorder) return {};
    words.insert(words.begin(), ProgramPath());
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    HeldChild child(words);
    EXPECT_TRUE((*recorder)->AddChild(child.pid()));
    child.Go();
    const int64_t deadline = MonotonicMs() + 60'000;
    while (!child.Ended() && MonotonicMs() < deadline) EXPECT_TRUE((*recorder)->Poll(5));
    EXPECT_TRUE((*recorder)->Stop());
    Outcome outcome;
    for (const auto& denial : (*recorder)->denials()) {
      outcome.refused[{denial.call.abi, denial.call.number, denial.fate, denial.errno_value}] += denial.count;
      EXPECT_EQ(denial.subject.executable, ProgramPath());
      EXPECT_EQ(denial.command, "record_calls");
      // All that the program passes by int 0x80 too: its sixth argument there is what ebp happens to hold.
      const uint64_t minus_one = denial.call.abi == Abi::kI386 ? 0xffffffff : ~uint64_t{0};
      for (size_t i = 0; i < 5; i++) EXPECT_EQ(denial.call.arguments[i], minus_one);
    }
    outcome.evidence = (*recorder)->Snapshot();
    return outcome;
  }
};

std::string Text(const Refused& refused) {
  std::string text;
  for (const auto& [key, count] : refused) {
    const auto& [abi, number, fate, error] = key;
    text += fmt::format("{} {:#x} {} errno {} x {}\n", AbiName(abi), number, evidence::FateName(fate), error,
                        count);
  }
  return text;
}

constexpr auto kDenied = evidence::Fate::kDenied;
constexpr auto kKilled = evidence::Fate::kKilled;

TEST_F(RecordDenials, RefusedCallsOfEveryAbiFromThreadsAndChildrenAreCountedExactly) {
  const auto outcome =
      Run({"n:900", "R", "n:39",  "n:900", "i:901", "x:902", "n:995", "L:1000", "n:903", "n:39",
           ".",     "T", "n:904", "L:100", "n:905", ".",     ".",     "F",      "n:906", "T",
           "i:907", ".", ".",     "D",     "n:908", ".",     ".",     "n:909"},
          ConfirmByLiveFilters());
  // The first call comes before the filter, the last one after its words, but the filter stays.
  const Refused expected = {
      {{Abi::kX86_64, 900, kDenied, 1}, 1},        {{Abi::kI386, 901, kDenied, 1}, 1},
      {{Abi::kX32, 902 | kX32Bit, kDenied, 1}, 1}, {{Abi::kX86_64, 995, kDenied, 38}, 1},
      {{Abi::kX86_64, 903, kDenied, 1}, 1000},     {{Abi::kX86_64, 904, kDenied, 1}, 1},
      {{Abi::kX86_64, 905, kDenied, 1}, 100},      {{Abi::kX86_64, 906, kDenied, 1}, 1},
      {{Abi::kI386, 907, kDenied, 1}, 1},          {{Abi::kX86_64, 908, kDenied, 1}, 1},
      {{Abi::kX86_64, 909, kDenied, 1}, 1},
  };
  EXPECT_EQ(Text(outcome.refused), Text(expected));
  EXPECT_EQ(Gaps(outcome.evidence), "");
}

TEST_F(RecordDenials, NothingIsInventedUnderAFilterThatAllowsEverything) {
  std::mt19937 random(5);
  const Plan plan = RandomPlan(random, 60, "");
  std::vector<std::string> words{"S"};
  words.insert(words.end(), plan.words.begin(), plan.words.end());
  words.push_back(".");
  for (const auto& confirm : {ConfirmDenial(), ConfirmByLiveFilters()}) {
    const auto outcome = Run(words, confirm);
    EXPECT_EQ(Text(outcome.refused), "");
    EXPECT_EQ(Gaps(outcome.evidence), "");
  }
}

TEST_F(RecordDenials, ACallThatKillsIsNamed) {
  const auto process = Run({"F", "R", "n:39", "n:1001", ".", "."}, ConfirmByLiveFilters());
  EXPECT_EQ(Text(process.refused), Text({{{Abi::kX86_64, 1001, kKilled, 0}, 1}}));
  const auto thread =
      Run({"F", "R", "t", "n:1000", ".", "L:200000", "n:24", ".", ".", "."}, ConfirmByLiveFilters());
  EXPECT_EQ(Text(thread.refused), Text({{{Abi::kX86_64, 1000, kKilled, 0}, 1}}));
  const auto trap = Run({"F", "R", "n:1002", ".", "."}, ConfirmByLiveFilters());
  EXPECT_EQ(Text(trap.refused), Text({{{Abi::kX86_64, 1002, kKilled, 0}, 1}}));
}

TEST_F(RecordDenials, RefusedCallsAreObservationsBesideTheAllowedOnes) {
  const auto outcome = Run({"n:900", "R", "n:900", "."}, ConfirmByLiveFilters());
  const auto& calls = outcome.evidence.subjects.at({"-", ProgramPath(), evidence::Arrival::kWorkload});
  EXPECT_TRUE(calls.contains({Abi::kX86_64, 900, evidence::Fate::kAllowed, false}));
  EXPECT_TRUE(calls.contains({Abi::kX86_64, 900, evidence::Fate::kDenied, true}));
  EXPECT_FALSE(calls.contains({Abi::kX86_64, 900, evidence::Fate::kAllowed, true}));
}

}  // namespace
}  // namespace whittle::record
