// Detached when quiet: what is seen, what is not, what brings the programs back, and what the evidence says
// of it.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/fd.h"
#include "base/time.h"
#include "record/audit_stream.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

// record_calls under a recorder that is soon quiet; it goes on whenever it gets a byte.
class RecordQuiet : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    input_ = Fd(ends[1]);
  }
  void Start(const std::vector<std::string>& words, int64_t at_most_ms, Denials denials = Denials::kIgnore) {
    Options options;
    options.epoch_ms = 20;
    options.quiet_ms = 300;
    options.quiet_at_most_ms = at_most_ms;
    options.denials = denials;
    auto recorder = Recorder::Create(options);
    ASSERT_TRUE(recorder) << recorder.error().message;
    recorder_ = std::move(*recorder);
    std::vector<std::string> argv{ProgramPath()};
    argv.insert(argv.end(), words.begin(), words.end());
    child_.emplace(argv);
    ASSERT_TRUE(recorder_->AddChild(child_->pid()));
    child_->Go();
  }
  void GoOn() const { EXPECT_EQ(write(input_.get(), "x", 1), 1); }
  void PollFor(int64_t ms) {
    for (const int64_t end = MonotonicMs() + ms; MonotonicMs() < end;) ASSERT_TRUE(recorder_->Poll(10));
  }
  bool PollUntil(const std::function<bool()>& holds) {
    const int64_t end = MonotonicMs() + 10'000;
    while (!holds() && MonotonicMs() < end) EXPECT_TRUE(recorder_->Poll(10));
    return holds();
  }
  bool PollUntilQuiet() {
    return PollUntil([&] { return !recorder_->watching(); });
  }
  bool PollUntilWatching() {
    return PollUntil([&] { return recorder_->watching(); });
  }
  CallSet SeenNow() { return Seen(recorder_->Snapshot(), "", ProgramPath()); }
  CallSet Finish() {
    GoOn();
    EXPECT_TRUE(PollUntil([&] { return child_->Ended(); }));
    EXPECT_TRUE(recorder_->Stop());
    return SeenNow();
  }
  evidence::Gap DetachedGap() {
    const auto evidence = recorder_->Snapshot();
    const auto gap =
        std::ranges::find_if(evidence.gaps, [](const auto& each) { return each.kind == "detached"; });
    return gap == evidence.gaps.end() ? evidence::Gap{} : *gap;
  }

  Fd input_;
  std::unique_ptr<Recorder> recorder_;
  std::optional<HeldChild> child_;
};

constexpr std::pair<Abi, uint32_t> kFirst{Abi::kX86_64, 600}, kUnseen{Abi::kX86_64, 601},
    kLast{Abi::kX86_64, 602};

TEST_F(RecordQuiet, ASignalBringsItBack) {
  Start({"n:600", "W:0", "n:601", "W:0", "n:602"}, 0);
  ASSERT_TRUE(PollUntilQuiet());
  EXPECT_TRUE(SeenNow().contains(kFirst));
  GoOn();
  PollFor(600);
  EXPECT_FALSE(recorder_->watching()) << "calls alone bring nobody back: " << recorder_->watching_why();
  kill(child_->pid(), SIGCONT);  // ignored by who is not stopped
  ASSERT_TRUE(PollUntilWatching());
  const CallSet seen = Finish();
  EXPECT_TRUE(seen.contains(kFirst) && seen.contains(kLast)) << Text(seen);
  EXPECT_FALSE(seen.contains(kUnseen));
  const auto gap = DetachedGap();
  EXPECT_GE(gap.count, 1u) << "seconds";
  EXPECT_NE(gap.detail.find("nobody watched from "), std::string::npos) << gap.detail;
}

TEST_F(RecordQuiet, AnExecBringsItBack) {
  Start({"n:600", "W:0", "F", "E", CopyPath(), "n:601", ".", "W:0", "n:602"}, 0);
  ASSERT_TRUE(PollUntilQuiet());
  GoOn();
  ASSERT_TRUE(PollUntilWatching());
  const CallSet seen = Finish();
  EXPECT_TRUE(seen.contains(kLast)) << Text(seen);
  EXPECT_EQ(DetachedGap().kind, "detached");
}

TEST_F(RecordQuiet, ARefusalBySignalBringsItBack) {
  Start({"n:600", "R", "W:0", "F", "n:1001", ".", "W:0", "n:602", "."}, 0);
  ASSERT_TRUE(PollUntilQuiet());
  GoOn();  // the child is killed by its filter
  ASSERT_TRUE(PollUntilWatching());
  EXPECT_EQ(recorder_->watching_why(), "a watched process was sent a signal");
  EXPECT_TRUE(Finish().contains(kLast));
}

// Nothing but the kernel's record tells of it.
TEST_F(RecordQuiet, ALoggedCallBringsItBack) {
  if (const auto audit = AuditStream::Open(); !audit) GTEST_SKIP() << audit.error().message;
  std::error_code unknown;  // then it is tried
  const auto ours = std::filesystem::read_symlink("/proc/self/ns/net", unknown);
  const auto initial = std::filesystem::read_symlink("/proc/1/ns/net", unknown);
  if (!unknown && ours != initial) {
    GTEST_SKIP() << "audit records reach the initial network namespace only";
  }
  Start({"n:600", "V", "W:0", "n:960", "W:0", "n:602", "."}, 0);
  ASSERT_TRUE(PollUntilQuiet());
  GoOn();
  ASSERT_TRUE(PollUntilWatching());
  EXPECT_EQ(recorder_->watching_why(), "the kernel logged a call that a filter logs or refuses");
  EXPECT_TRUE(Finish().contains(kLast));
  EXPECT_EQ(DetachedGap().kind, "detached") << "the call itself was not seen";
}

TEST_F(RecordQuiet, ItComesBackBySchedule) {
  Start({"n:600", "W:0", "n:602"}, 400);
  for (int round = 0; round < 2; round++) {
    ASSERT_TRUE(PollUntilQuiet());
    ASSERT_TRUE(PollUntilWatching());
  }
  EXPECT_TRUE(Finish().contains(kLast));
}

TEST_F(RecordQuiet, WhatIsRefusedAfterwardsIsSeenAndNothingIsInvented) {
  Start({"W:0", "R", "n:900", "W:0", "n:901", "."}, 0, Denials::kWatch);
  ASSERT_TRUE(PollUntilQuiet());
  GoOn();
  PollFor(400);
  kill(child_->pid(), SIGCONT);
  ASSERT_TRUE(PollUntilWatching());
  Finish();
  std::set<uint32_t> refused;
  for (const auto& denial : recorder_->denials()) refused.insert(denial.call.number);
  EXPECT_EQ(refused, std::set<uint32_t>{901}) << "901 after it came back, and no other";
}

TEST_F(RecordQuiet, WithoutAQuietTimeItAlwaysWatches) {
  Options options;
  options.epoch_ms = 20;
  const auto evidence = RecordCommand(options, {ProgramPath(), "n:600"});
  ASSERT_TRUE(evidence) << evidence.error().message;
  EXPECT_EQ(Gaps(*evidence), "");
}

}  // namespace
}  // namespace whittle::record
