// What the running kernel takes as a filter and computes in one, and filters read back out of processes in
// every state. The verdicts of compiled filters are in filter_answers_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <functional>
#include <thread>

#include "../unit/filter/random_document.h"
#include "base/file.h"
#include "filter/live/load.h"
#include "filter/live/read.h"
#include "kernel_call.h"

namespace whittle::filter {
namespace {

using profile::Action;
using testing::Generator;
using testing::MakeCall;
using testing::Shared;
using testing::StatusOf;

class Kernel : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "loading and reading filters needs root";
  }
};

TEST_F(Kernel, TakesWhatValidateTakesAndRefusesTheRest) {
  Generator generator(5);
  const std::vector<uint16_t> codes = {BPF_LD | BPF_W | BPF_ABS,
                                       BPF_LD | BPF_H | BPF_ABS,
                                       BPF_LD | BPF_W | BPF_LEN,
                                       BPF_LDX | BPF_W | BPF_LEN,
                                       BPF_LD | BPF_IMM,
                                       BPF_LDX | BPF_IMM,
                                       BPF_LD | BPF_MEM,
                                       BPF_LDX | BPF_MEM,
                                       BPF_ST,
                                       BPF_STX,
                                       BPF_MISC | BPF_TAX,
                                       BPF_MISC | BPF_TXA,
                                       BPF_ALU | BPF_ADD | BPF_K,
                                       BPF_ALU | BPF_DIV | BPF_K,
                                       BPF_ALU | BPF_DIV | BPF_X,
                                       BPF_ALU | BPF_MOD | BPF_K,
                                       BPF_ALU | BPF_LSH | BPF_K,
                                       BPF_ALU | BPF_RSH | BPF_X,
                                       BPF_ALU | BPF_XOR | BPF_X,
                                       BPF_ALU | BPF_NEG,
                                       BPF_JMP | BPF_JA,
                                       BPF_JMP | BPF_JEQ | BPF_K,
                                       BPF_JMP | BPF_JSET | BPF_X,
                                       BPF_RET | BPF_K,
                                       BPF_RET | BPF_A,
                                       BPF_RET | BPF_X};
  int taken = 0;
  for (int round = 0; round < 1500; ++round) {
    Program program(1 + generator.Below(6));
    for (auto& in : program) {
      in.code = generator.OneOf(codes);
      in.k = static_cast<uint32_t>(generator.Below(12) == 0 ? generator.Below(1000) : 4 * generator.Below(4));
      in.jt = static_cast<uint8_t>(generator.Below(3));
      in.jf = static_cast<uint8_t>(generator.Below(3));
    }
    if (generator.Below(4) != 0) program.back() = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    const bool valid = Validate(program).has_value();
    // The kernel checks a program before it looks at flags that it does not know.
    const int status = StatusOf([&] {
      const sock_fprog loaded{static_cast<unsigned short>(program.size()), program.data()};
      const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded);
      syscall(SYS_exit_group, result == 0 ? 0 : 1);
    });
    // A filter that was taken may kill the child or refuse its exit: then it did not say 1.
    const bool refused = WIFEXITED(status) && WEXITSTATUS(status) == 1;
    ASSERT_EQ(valid, !refused) << "program of " << program.size() << " in round " << round << ", status "
                               << status;
    taken += valid ? 1 : 0;
  }
  EXPECT_GT(taken, 50);
}

// Instructions of every kind, for one call only; what they leave in A comes back as errno, twelve bits of it.
Program RandomComputation(Generator& generator) {
  const std::vector<uint16_t> codes = {BPF_LD | BPF_W | BPF_ABS,
                                       BPF_LD | BPF_W | BPF_ABS,
                                       BPF_LD | BPF_W | BPF_LEN,
                                       BPF_LDX | BPF_W | BPF_LEN,
                                       BPF_LD | BPF_IMM,
                                       BPF_LDX | BPF_IMM,
                                       BPF_LD | BPF_MEM,
                                       BPF_LDX | BPF_MEM,
                                       BPF_ST,
                                       BPF_STX,
                                       BPF_MISC | BPF_TAX,
                                       BPF_MISC | BPF_TXA,
                                       BPF_ALU | BPF_ADD | BPF_K,
                                       BPF_ALU | BPF_ADD | BPF_X,
                                       BPF_ALU | BPF_SUB | BPF_K,
                                       BPF_ALU | BPF_SUB | BPF_X,
                                       BPF_ALU | BPF_MUL | BPF_K,
                                       BPF_ALU | BPF_MUL | BPF_X,
                                       BPF_ALU | BPF_DIV | BPF_K,
                                       BPF_ALU | BPF_DIV | BPF_X,
                                       BPF_ALU | BPF_AND | BPF_K,
                                       BPF_ALU | BPF_AND | BPF_X,
                                       BPF_ALU | BPF_OR | BPF_K,
                                       BPF_ALU | BPF_OR | BPF_X,
                                       BPF_ALU | BPF_XOR | BPF_K,
                                       BPF_ALU | BPF_XOR | BPF_X,
                                       BPF_ALU | BPF_LSH | BPF_K,
                                       BPF_ALU | BPF_LSH | BPF_X,
                                       BPF_ALU | BPF_RSH | BPF_K,
                                       BPF_ALU | BPF_RSH | BPF_X,
                                       BPF_ALU | BPF_NEG,
                                       BPF_JMP | BPF_JA,
                                       BPF_JMP | BPF_JEQ | BPF_K,
                                       BPF_JMP | BPF_JGT | BPF_X,
                                       BPF_JMP | BPF_JGE | BPF_K,
                                       BPF_JMP | BPF_JSET | BPF_X};
  Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                     {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_getpgrp},
                     {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  for (size_t count = 4 + generator.Below(24); count > 0; --count) {
    sock_filter in{generator.OneOf(codes), 0, 0, static_cast<uint32_t>(generator.Below(UINT32_MAX))};
    in.jt = static_cast<uint8_t>(generator.Below(3));
    in.jf = static_cast<uint8_t>(generator.Below(3));
    const bool data = in.code == (BPF_LD | BPF_W | BPF_ABS);
    const bool memory =
        BPF_CLASS(in.code) == BPF_ST || BPF_CLASS(in.code) == BPF_STX || BPF_MODE(in.code) == BPF_MEM;
    const bool shift = BPF_OP(in.code) == BPF_LSH || BPF_OP(in.code) == BPF_RSH;
    // The instruction pointer, words 2 and 3, is what the test cannot know.
    if (data)
      in.k = static_cast<uint32_t>(generator.Below(2) * 4 +
                                   (generator.Below(2) == 0 ? 0 : 16 + 8 * generator.Below(5)));
    if (BPF_CLASS(in.code) != BPF_ALU && BPF_CLASS(in.code) != BPF_JMP && memory) in.k = generator.Below(3);
    if (BPF_CLASS(in.code) == BPF_ALU && shift) in.k = generator.Below(32);
    if (in.code == (BPF_JMP | BPF_JA)) in.k = generator.Below(3);
    program.push_back(in);
  }
  const uint32_t shift = static_cast<uint32_t>(generator.OneOf(std::vector<uint64_t>{0, 12, 20}));
  // Jumps of the last instructions land in front of what makes an errno of A.
  program.insert(program.end(), 3, {BPF_ALU | BPF_OR | BPF_K, 0, 0, 0});
  program.insert(program.end(), {{BPF_ALU | BPF_RSH | BPF_K, 0, 0, shift},
                                 {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xfff},
                                 {BPF_ALU | BPF_OR | BPF_K, 0, 0, SECCOMP_RET_ERRNO},
                                 {BPF_RET | BPF_A, 0, 0, 0}});
  return program;
}

TEST_F(Kernel, ComputesWhatOurMachineComputes) {
  Generator generator(17);
  int compared = 0;
  for (int round = 0; round < 20000 && compared < 1500; ++round) {
    const Program program = RandomComputation(generator);
    if (!Validate(program)) continue;
    Call call{Abi::kX86_64, SYS_getpgrp};
    for (auto& argument : call.arguments)
      argument = generator.Below(4) == 0 ? 0 : generator.Below(UINT64_MAX);
    const Verdict verdict = Evaluate(program, call);
    const Shared<long> result(1);
    const int status = StatusOf([&] {
      if (!Load(program, NoNewPrivs::kSet)) _exit(9);
      result.data()[0] = MakeCall(call);
    });
    ++compared;
    if (verdict.action == Action::kKillThread) {  // division by a zero X
      ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
          << "round " << round << " status " << status;
      continue;
    }
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "round " << round << " status " << status;
    ASSERT_EQ(verdict.action, Action::kErrno);
    ASSERT_EQ(result.data()[0], -static_cast<long>(verdict.data)) << "round " << round;
  }
  EXPECT_GE(compared, 1000);
}

// A child that waits, in the state that `prepare` brings it into; killed at the end.
class Sleeper {
 public:
  // `prepare` may report readiness by a byte into the descriptor itself and then not return.
  explicit Sleeper(const std::function<void(int ready)>& prepare) {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    pid_ = fork();
    if (pid_ == 0) {
      prepare(ready[1]);
      (void)!write(ready[1], "x", 1);
      for (;;) pause();
    }
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
  }
  ~Sleeper() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

Program ErrnoForGetpgrp(uint16_t error, size_t padding = 0) {
  Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                     {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_getpgrp},
                     {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error}};
  for (size_t i = 0; i < padding; ++i) program.push_back({BPF_LD | BPF_IMM, 0, 0, static_cast<uint32_t>(i)});
  program.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
  return program;
}

bool SamePrograms(const Program& a, const Program& b) {
  return a.size() == b.size() && memcmp(a.data(), b.data(), a.size() * sizeof(sock_filter)) == 0;
}

TEST_F(Kernel, StackedFiltersAreReadInTheirOrder) {
  constexpr uint16_t kFilters = 32;
  const Sleeper sleeper([](int) {
    for (uint16_t i = 0; i < kFilters; ++i)
      (void)Load(ErrnoForGetpgrp(static_cast<uint16_t>(i + 1), i), NoNewPrivs::kSet);
  });
  const auto live = ReadLiveFilters(sleeper.pid());
  ASSERT_TRUE(live) << live.error().message;
  ASSERT_EQ(live->programs.size(), kFilters);
  for (uint16_t i = 0; i < kFilters; ++i) {
    EXPECT_TRUE(SamePrograms(live->programs[i], ErrnoForGetpgrp(static_cast<uint16_t>(i + 1), i))) << i;
  }
  EXPECT_EQ(EvaluateStacked(live->programs, {Abi::kX86_64, SYS_getpgrp}).data,
            kFilters);  // the last one's errno
}

TEST_F(Kernel, FiltersOfEveryLengthAreReadWhole) {
  for (const size_t length : {size_t{1}, size_t{2}, size_t{256}, size_t{4095}, kMaxInstructions}) {
    Program program(length - 1, sock_filter{BPF_LD | BPF_IMM, 0, 0, 7});
    program.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
    const Sleeper sleeper([&](int) { (void)Load(program, NoNewPrivs::kSet); });
    const auto live = ReadLiveFilters(sleeper.pid());
    ASSERT_TRUE(live) << live.error().message;
    ASSERT_EQ(live->programs.size(), 1u);
    EXPECT_TRUE(SamePrograms(live->programs[0], program)) << length;
  }
}

// The state letter of /proc/PID/stat.
char StateOf(pid_t pid) {
  const auto stat = ReadKernelFile("/proc/" + std::to_string(pid) + "/stat").value_or("");
  const size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && name_end + 2 < stat.size() ? stat[name_end + 2] : '?';
}

TEST_F(Kernel, AZombieLeaderIsReadThroughALiveThread) {
  const Sleeper sleeper([](int ready) {
    (void)Load(ErrnoForGetpgrp(7), NoNewPrivs::kSet);
    std::thread([ready, leader = getpid()] {
      while (StateOf(leader) != 'Z') usleep(1000);
      (void)!write(ready, "x", 1);
      for (;;) pause();
    }).detach();
    syscall(SYS_exit, 0);
  });
  const auto live = ReadLiveFilters(sleeper.pid());
  ASSERT_TRUE(live) << live.error().message;
  EXPECT_NE(live->tid, sleeper.pid());
  ASSERT_EQ(live->programs.size(), 1u);
  EXPECT_TRUE(SamePrograms(live->programs[0], ErrnoForGetpgrp(7)));
}

TEST_F(Kernel, ProcessesWithoutAFilterOrWithoutLifeAreToldApart) {
  const auto self = ReadLiveFilters(getpid());
  ASSERT_TRUE(self) << self.error().message;
  EXPECT_TRUE(self->programs.empty());
  const auto gone = ReadLiveFilters(999999);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(gone.error().message, ::testing::HasSubstr("no process 999999"));
}

}  // namespace
}  // namespace whittle::filter
