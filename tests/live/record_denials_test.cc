// The denial watch: refused calls are counted and named exactly, and none is invented.
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <functional>
#include <map>
#include <set>

#include "base/time.h"
#include "record/confirm.h"
#include "record_calls_numbers.h"
#include "record_harness.h"
#include "symbols/resolve.h"
#include "syscalls/table.h"

namespace whittle::record {
namespace {

// (ABI, number, fate, errno) -> count
using Refused = std::map<std::tuple<Abi, uint32_t, evidence::Fate, int32_t>, uint64_t>;

struct Outcome {
  Refused refused;
  std::vector<Denial> denials;
  evidence::Evidence evidence;
  int exit_code = -1;
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
    Outcome outcome = Watch(**recorder, words);
    for (const auto& denial : outcome.denials) {
      EXPECT_EQ(denial.subject.executable, ProgramPath());
      EXPECT_EQ(denial.command, "record_calls");
      // All that the program passes by int 0x80 too: its sixth argument there is what ebp happens to hold.
      const uint64_t minus_one = denial.call.abi == Abi::kI386 ? 0xffffffff : ~uint64_t{0};
      for (size_t i = 1; i < 5; i++) EXPECT_EQ(denial.call.arguments[i], minus_one);
    }
    return outcome;
  }

  // Runs a command under a recorder to its end.
  static Outcome Watch(Recorder& recorder, const std::vector<std::string>& command,
                       const std::function<void(pid_t)>& meanwhile = nullptr) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    HeldChild child(command);
    EXPECT_TRUE(recorder.AddChild(child.pid()));
    if (meanwhile) meanwhile(child.pid());
    child.Go();
    const int64_t deadline = MonotonicMs() + 60'000;
    while (!child.Ended() && MonotonicMs() < deadline) EXPECT_TRUE(recorder.Poll(5));
    EXPECT_TRUE(recorder.Stop());
    Outcome outcome;
    outcome.exit_code = child.exit_code();
    outcome.denials = recorder.denials();
    for (const auto& denial : outcome.denials) {
      outcome.refused[{denial.call.abi, denial.call.number, denial.fate, denial.errno_value}] += denial.count;
    }
    outcome.evidence = recorder.Snapshot();
    return outcome;
  }

  // Runs record_refused under the watch.
  static Outcome RunRefused(const std::string& action, const std::string& how) {
    Options options;
    options.denials = Denials::kWatch;
    options.resolve_stack = symbols::Resolve;
    auto recorder = Recorder::Create(std::move(options));
    EXPECT_TRUE(recorder) << recorder.error().message;
    return recorder ? Watch(**recorder, {RECORD_REFUSED, action, how}) : Outcome();
  }
};

// "mkdir ERRNO(25) filter 0 of 1 x 1": how it was judged.
std::string Judged(const std::vector<Denial>& denials) {
  std::set<std::string> lines;
  for (const auto& denial : denials) {
    const auto& judged = denial.judgement;
    lines.insert(fmt::format("{} {} {} filter {} of {} x {}\n", AbiName(denial.call.abi),
                             SyscallText(denial.call.abi, denial.call.number),
                             judged.action ? profile::VerdictText(*judged.action, judged.data) : "unknown",
                             judged.filter, judged.filters, denial.count));
  }
  return fmt::format("{}", fmt::join(lines, ""));
}

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

// The functions of ours on the stacks, innermost first.
std::string Askers(const std::vector<Denial>& denials) {
  std::string text;
  for (const auto& denial : denials) {
    for (const auto& frame : denial.stack) {
      if (frame.function.starts_with("ask_")) text += (text.empty() ? "" : " ") + frame.function;
    }
  }
  return text;
}

TEST_F(RecordDenials, EachActionIsToldApartAndWhoAskedIsKnown) {
  for (const std::string how : {"main", "thread"}) {
    const auto judged = [&](const std::string& action) {
      const auto denials = RunRefused(action, how).denials;
      if (symbols::WhyUnresolved().empty()) {
        EXPECT_EQ(Askers(denials), "ask_inner ask_middle ask_outer") << action;
      }
      return Judged(denials);
    };
    EXPECT_EQ(judged("errno"), "x86_64 mkdir ERRNO(25) filter 0 of 1 x 1\n") << how;
    EXPECT_EQ(judged("trap"), "x86_64 mkdir TRAP(3) filter 0 of 1 x 1\n") << how;
    EXPECT_EQ(judged("kill-process"), "x86_64 mkdir KILL_PROCESS filter 0 of 1 x 1\n") << how;
    EXPECT_EQ(judged("kill-thread"), "x86_64 mkdir KILL_THREAD filter 0 of 1 x 1\n") << how;
    EXPECT_EQ(judged("log"), "x86_64 mkdir LOG filter 0 of 1 x 1\n") << how;
    EXPECT_EQ(judged("trace"), "x86_64 mkdir TRACE(9) filter 0 of 1 x 1\n") << how;
    EXPECT_EQ(judged("notify"), "x86_64 mkdir NOTIFY filter 0 of 1 x 1\n") << how;
  }
}

#ifdef RECORD_REFUSED_I386_entries
TEST_F(RecordDenials, WhoAskedIsKnownOfProgramsOf32Bits) {
  for (const char* program : {RECORD_REFUSED_I386_entries, RECORD_REFUSED_I386_pointers}) {
    Options options;
    options.denials = Denials::kWatch;
    options.resolve_stack = symbols::Resolve;
    auto recorder = Recorder::Create(std::move(options));
    ASSERT_TRUE(recorder) << recorder.error().message;
    const auto outcome = Watch(**recorder, {program});
    EXPECT_EQ(outcome.exit_code, 0) << program;
    EXPECT_EQ(Judged(outcome.denials), "i386 mkdir ERRNO(25) filter 0 of 1 x 1\n") << program;
    if (!symbols::WhyUnresolved().empty()) continue;
    EXPECT_EQ(Askers(outcome.denials), "ask_inner ask_middle ask_outer") << program;
  }
}
#endif

TEST_F(RecordDenials, ARefusalHasItsCallThreadAndOutcome) {
  const auto outcome = RunRefused("errno", "thread");
  ASSERT_EQ(outcome.denials.size(), 1u);
  const Denial& denial = outcome.denials.front();
  EXPECT_EQ(denial.errno_value, ENOTTY);
  EXPECT_EQ(denial.refusal, Refusal::kError);
  EXPECT_EQ(denial.call.arguments[1], 0755u);
  EXPECT_EQ(denial.subject.executable, RECORD_REFUSED);
  EXPECT_NE(denial.tid, denial.pid);
  EXPECT_EQ(denial.judgement.words & ~3, 0) << "its number alone decided";
  EXPECT_LE(std::abs(denial.first_ms - WallClockMs()), 60'000);
  EXPECT_FALSE(denial.next.empty()) << "the thread went on";
  const auto answered = RunRefused("notify", "main");
  ASSERT_EQ(answered.denials.size(), 1u);
  EXPECT_EQ(answered.denials.front().errno_value, ENOTBLK) << "what the supervisor said";
}

TEST_F(RecordDenials, WhatAnotherThreadDoesOnTheSameStackIsNotWhatCameNext) {
  for (int attempt = 0; attempt < 5; attempt++) {  // which stack a thread gets is the kernel's turn
    const auto outcome = RunRefused("errno", "ends");
    ASSERT_EQ(Judged(outcome.denials), "x86_64 mkdir ERRNO(25) filter 0 of 1 x 16\n");
    std::string next;
    for (const auto& call : outcome.denials.front().next) next += SyscallText(call.abi, call.number) + " ";
    ASSERT_EQ(next, "") << "they were killed before they made another call";
  }
}

TEST_F(RecordDenials, OfStackedFiltersTheOneThatDecidedIsNamed) {
  const auto outcome =
      Run({"R", "V", "n:900", "n:901", "n:990", "n:991", "x:900", "i:902", ".", "."}, nullptr);
  EXPECT_EQ(Judged(outcome.denials),
            "i386 #902 ERRNO(1) filter 0 of 2 x 1\n"
            "x32 #1073742724 ERRNO(13) filter 1 of 2 x 1\n"
            "x86_64 #900 ERRNO(13) filter 1 of 2 x 1\n"  // of equal ones the newest
            "x86_64 #901 ERRNO(1) filter 0 of 2 x 1\n"
            "x86_64 #990 ERRNO(5) filter 1 of 2 x 1\n"  // TRACE is less strict
            "x86_64 #991 TRACE(0) filter 0 of 2 x 1\n");
}

TEST_F(RecordDenials, CallsThatAreLoggedAreCountedThoughTheyAreExecuted) {
  const auto outcome = Run({"V", "n:960", "L:2000", "n:960", "n:39", "A:963:5", "A:963:6", "A:963:5", ".",
                            "x:960", "i:960", "T", "n:960", ".", ".", "n:39"},
                           nullptr);
  EXPECT_EQ(Judged(outcome.denials),
            "i386 #960 LOG filter 0 of 1 x 1\n"
            "x32 #1073742784 LOG filter 0 of 1 x 1\n"
            "x86_64 #960 LOG filter 0 of 1 x 2002\n"
            "x86_64 #963 LOG filter 0 of 1 x 4000\n");
  const auto& calls = outcome.evidence.subjects.at({"-", ProgramPath(), evidence::Arrival::kWorkload});
  EXPECT_TRUE(calls.contains({Abi::kX86_64, 960, evidence::Fate::kLogged, true}));
  EXPECT_FALSE(calls.contains({Abi::kX86_64, 960, evidence::Fate::kAllowed, true}));
  EXPECT_TRUE(calls.contains({Abi::kX86_64, 963, evidence::Fate::kLogged, true}));
  EXPECT_TRUE(calls.contains({Abi::kX86_64, 963, evidence::Fate::kAllowed, true})) << "with another argument";
  EXPECT_TRUE(calls.contains({Abi::kX86_64, 39, evidence::Fate::kAllowed, true}));
}

TEST_F(RecordDenials, ACallThatAnArgumentRefusesIsTold) {
  const auto outcome =
      Run({"V", "A:961:5", "A:961:6", "L:300", "A:961:5", "A:961:7", ".", "n:962", "."}, nullptr);
  EXPECT_EQ(Judged(outcome.denials),
            "x86_64 #961 ERRNO(7) filter 0 of 1 x 301\n"
            "x86_64 #962 NOTIFY filter 0 of 1 x 1\n");
  EXPECT_EQ(outcome.denials.front().judgement.words, 1u << 0 | 1u << 4);
}

TEST_F(RecordDenials, AMillionRefusedCallsAreCounted) {
  const auto outcome = Run({"R", "L:1000000", "n:903", ".", "."}, nullptr);
  EXPECT_EQ(Judged(outcome.denials), "x86_64 #903 ERRNO(1) filter 0 of 1 x 1000000\n");
  EXPECT_EQ(Gaps(outcome.evidence), "");
}

TEST_F(RecordDenials, NothingIsInventedOfSignalsThreadsAndChildren) {
  for (const std::string action : {"errno", "trap", "log"}) {
    const auto outcome = RunRefused(action, "listens");
    EXPECT_EQ(Judged(outcome.denials), "") << action;
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(Gaps(outcome.evidence), "");
  }
}

TEST_F(RecordDenials, ACallThatBeganBeforeTheFilterIsNotRefusedAndTheNextOneIs) {
  const auto outcome = RunRefused("errno", "blocked");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(Judged(outcome.denials), "x86_64 read ERRNO(25) filter 0 of 1 x 1\n");
}

// Skips every third call of the process, until it ends.
void SkipCalls(pid_t pid, int* skipped) {
  int status = 0;
  for (int stops = 0; waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status);) {
    int signal = WSTOPSIG(status);
    if (signal == (SIGTRAP | 0x80)) {
      user_regs_struct registers{};
      ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
      const bool entry = registers.rax == static_cast<uint64_t>(-ENOSYS);
      if (entry && registers.orig_rax == 39 && ++stops % 3 == 0) {
        registers.orig_rax = ~uint64_t{0};
        ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
        ++*skipped;
      }
      signal = 0;
    } else if (status >> 16 != 0) {
      signal = 0;  // an event's stop
    }
    ptrace(PTRACE_SYSCALL, pid, nullptr, signal);
  }
}

TEST_F(RecordDenials, WhatATracerSkipsIsNotRefused) {
  Options options;
  options.denials = Denials::kWatch;
  auto recorder = Recorder::Create(std::move(options));
  ASSERT_TRUE(recorder) << recorder.error().message;
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    // Its filter refuses -1, which is what a skipped call looks like.
    execl(ProgramPath().c_str(), ProgramPath().c_str(), "R", "L:300", "n:39", ".", "n:900", ".", nullptr);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
  ASSERT_TRUE((*recorder)->AddChild(child));
  ptrace(PTRACE_SYSCALL, child, nullptr, 0);
  int skipped = 0;
  SkipCalls(child, &skipped);
  ASSERT_TRUE((*recorder)->Stop());
  EXPECT_EQ(skipped, 100);
  EXPECT_EQ(Judged((*recorder)->denials()), "x86_64 #900 ERRNO(1) filter 0 of 1 x 1\n");
}

TEST_F(RecordDenials, CallsInFlightAtTheAttachAreNotRefused) {
  int gate[2];
  ASSERT_EQ(pipe(gate), 0);
  const pid_t before = fork();
  if (before == 0) {
    dup2(gate[0], STDIN_FILENO);
    execl(RECORD_REFUSED, RECORD_REFUSED, "errno", "gate", nullptr);
  }
  usleep(100'000);  // both of its threads wait in read()
  Options options;
  options.denials = Denials::kWatch;
  auto recorder = Recorder::Create(std::move(options));
  ASSERT_TRUE(recorder) << recorder.error().message;
  ASSERT_TRUE((*recorder)->AddProcessTree(before));
  ASSERT_EQ(write(gate[1], "g", 1), 1);
  int status = -1;
  const int64_t deadline = MonotonicMs() + 20'000;
  while (waitpid(before, &status, WNOHANG) != before && MonotonicMs() < deadline) {
    ASSERT_TRUE((*recorder)->Poll(5));
  }
  EXPECT_EQ(status, 0);
  ASSERT_TRUE((*recorder)->Stop());
  EXPECT_EQ(Judged((*recorder)->denials()), "x86_64 read ERRNO(25) filter 0 of 1 x 1\n");
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
