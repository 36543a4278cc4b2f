// What changes hands while nobody expects it: threads that execute, programs that execute while the recorder
// comes, calls that were in progress then, filters that go up meanwhile.
#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "base/time.h"
#include "record_calls_numbers.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

constexpr Abi k64 = Abi::kX86_64;

int Rounds() { return std::getenv("WHITTLE_FULL") ? 100 : 8; }

class RecordAttach : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
  }
};

// It takes over the leader's place; the others, the leader among them, are gone.
TEST_F(RecordAttach, AThreadThatExecutesIsTheNewProgram) {
  for (int i = 0; i < Rounds() / 4; i++) {
    const auto evidence =
        RecordCommand({}, {ProgramPath(), "i:20", "t", "L:100000000", "n:39", ".", ".", "T", "n:600", "E",
                           CopyPath(), "x:39", "T", "n:601", ".", "F", "i:313", ".", "."});
    ASSERT_TRUE(evidence) << evidence.error().message;
    const CallSet first = {{k64, NR_mmap}, {Abi::kI386, 20}, {k64, NR_clone}, {k64, NR_sched_yield},
                           {k64, 39},      {k64, 600},       {k64, NR_execve}};
    const CallSet second = {
        {k64, NR_mmap}, {Abi::kX32, 39 | kX32Bit}, {k64, NR_clone}, {k64, NR_sched_yield}, {k64, 601},
        {k64, NR_exit}, {Abi::kI386, 313},         {k64, NR_wait4}, {k64, NR_exit_group}};
    EXPECT_EQ(Text(Seen(*evidence, "-", ProgramPath())), Text(first));
    EXPECT_EQ(Text(Seen(*evidence, "-", CopyPath())), Text(second));
    ASSERT_EQ(Gaps(*evidence), "");
  }
}

// A chain of programs, each executed by the one before; its last link makes a call of its own.
std::vector<std::string> Chain(int links) {
  std::vector<std::string> argv{ProgramPath()};
  for (int i = 0; i < links; i++) argv.insert(argv.end(), {"E", i % 2 == 0 ? CopyPath() : ProgramPath()});
  argv.insert(argv.end(), {"W:0", "n:600", "i:601"});
  return argv;
}

TEST_F(RecordAttach, ExecsWhileTheRecorderComesLoseNothingAfterIt) {
  std::mt19937 random(5);
  int input[2];
  ASSERT_EQ(pipe2(input, O_CLOEXEC), 0);
  const int before = fcntl(0, F_DUPFD_CLOEXEC, 3);
  ASSERT_GE(dup2(input[0], 0), 0);
  int midway = 0;  // rounds in which programs of the chain were executed after the recorder had come
  for (int round = 0; round < Rounds(); round++) {
    HeldChild child(Chain(400));
    auto recorder = Recorder::Create({});
    ASSERT_TRUE(recorder) << recorder.error().message;
    child.Go();
    usleep(random() % 20'000);
    ASSERT_TRUE((*recorder)->AddProcessTree(child.pid()));
    // From here on it is recorded: it waits at its end until it is let go.
    ASSERT_EQ(write(input[1], "x", 1), 1);
    for (const int64_t end = MonotonicMs() + 60'000; !child.Ended() && MonotonicMs() < end;) {
      ASSERT_TRUE((*recorder)->Poll(5));
    }
    ASSERT_TRUE((*recorder)->Stop());
    const auto seen = Seen((*recorder)->Snapshot(), "-", ProgramPath());
    const CallSet last = {{k64, 600}, {Abi::kI386, 601}, {k64, NR_exit_group}};
    EXPECT_EQ(Text(Minus(last, seen)), "nothing") << "round " << round;
    const CallSet possible = {{k64, NR_mmap}, {k64, NR_execve},  {k64, NR_read},
                              {k64, 600},     {Abi::kI386, 601}, {k64, NR_exit_group}};
    EXPECT_EQ(Text(Minus(seen, possible)), "nothing") << "round " << round;
    EXPECT_EQ(Gaps((*recorder)->Snapshot()).find("late-attach"), 0u);
    midway += seen.contains({k64, NR_execve}) ? 1 : 0;
  }
  EXPECT_GT(midway, 0);
  dup2(before, 0);
}

// A call in progress is not seen, which the gap says; what follows it is, of each thread.
TEST_F(RecordAttach, ThreadsThatWaitInACallAreSeenFromTheirNextOneOn) {
  int input[2];
  ASSERT_EQ(pipe2(input, O_CLOEXEC), 0);
  const int before = fcntl(0, F_DUPFD_CLOEXEC, 3);
  ASSERT_GE(dup2(input[0], 0), 0);
  HeldChild child({ProgramPath(), "t",     "W:0",   "n:600",       "L:100000000", "n:24", ".", ".",
                   "t",           "W:0",   "i:601", "L:100000000", "n:24",        ".",    ".", "F",
                   "W:0",         "x:602", ".",     "L:100000",    "n:24",        "."});
  dup2(before, 0);
  child.Go();
  usleep(300'000);
  auto recorder = Recorder::Create({});
  ASSERT_TRUE(recorder) << recorder.error().message;
  ASSERT_TRUE((*recorder)->AddProcessTree(child.pid()));
  ASSERT_EQ(write(input[1], "xxx", 3), 3);
  for (const int64_t end = MonotonicMs() + 60'000; !child.Ended() && MonotonicMs() < end;) {
    ASSERT_TRUE((*recorder)->Poll(5));
  }
  ASSERT_TRUE((*recorder)->Stop());
  const auto evidence = (*recorder)->Snapshot();
  const CallSet calls = {
      {k64, 600}, {Abi::kI386, 601}, {Abi::kX32, 602 | kX32Bit}, {k64, 24}, {k64, NR_exit_group}};
  EXPECT_EQ(Text(Seen(evidence, "-", ProgramPath())), Text(calls));
  EXPECT_EQ(Gaps(evidence).find("late-attach"), 0u) << Gaps(evidence);
}

}  // namespace
}  // namespace whittle::record
