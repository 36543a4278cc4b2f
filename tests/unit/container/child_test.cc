#include "container/child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/file.h"

namespace whittle::container {
namespace {

using ::testing::HasSubstr;

int WaitFor(HeldChild& child) {
  for (int i = 0; i < 2000; ++i) {
    if (const auto code = child.TryWait()) return *code;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ADD_FAILURE() << "the child did not end";
  return -1;
}

ChildPlan Shell(const std::string& script) {
  ChildPlan plan;
  plan.program = "/bin/sh";
  plan.words = {"sh", "-c", script};
  return plan;
}

// Refuses one call with an errno, allows the rest.
filter::Program Refusing(uint32_t number, uint32_t error) {
  return {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
}

TEST(HeldChildTest, WaitsUntilItIsReleased) {
  auto child = HeldChild::Start(Shell("exit 7"));
  ASSERT_TRUE(child);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto command = ReadKernelFile("/proc/" + std::to_string(child->pid()) + "/cmdline");
  ASSERT_TRUE(command);
  EXPECT_THAT(*command, Not(HasSubstr("exit 7")));
  EXPECT_FALSE(child->TryWait());
  child->Release();
  EXPECT_EQ(WaitFor(*child), 7);
  EXPECT_FALSE(child->Failure());
}

TEST(HeldChildTest, GivesTheSignalAsAShellDoes) {
  auto child = HeldChild::Start(Shell("kill -KILL $$"));
  ASSERT_TRUE(child);
  child->Release();
  EXPECT_EQ(WaitFor(*child), 128 + SIGKILL);
}

TEST(HeldChildTest, EndsAChildThatIsNeverReleased) {
  pid_t pid = 0;
  {
    auto child = HeldChild::Start(Shell("sleep 100"));
    ASSERT_TRUE(child);
    pid = child->pid();
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(HeldChildTest, ProgramsStartUnderTheFilter) {
  ChildPlan plan =
      Shell("mkdir /tmp/whittle-child-test 2>&1 | grep -q 'Read-only file system' && exit 3; exit 1");
  plan.filter = Refusing(SYS_mkdir, 30);
  plan.no_new_privs = filter::NoNewPrivs::kSet;
  auto child = HeldChild::Start(std::move(plan));
  ASSERT_TRUE(child);
  child->Release();
  EXPECT_EQ(WaitFor(*child), 3);
}

TEST(HeldChildTest, SaysWhyNothingStarted) {
  ChildPlan missing = Shell("true");
  missing.program = "/no/such/program";
  auto child = HeldChild::Start(std::move(missing));
  ASSERT_TRUE(child);
  child->Release();
  WaitFor(*child);
  ASSERT_TRUE(child->Failure());
  EXPECT_THAT(child->Failure()->message, HasSubstr("/no/such/program: executing it: No such file"));
}

TEST(HeldChildTest, SaysThatTheFilterRefusedTheStartEvenIfItRefusesToEnd) {
  ChildPlan plan = Shell("true");
  plan.filter = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1)};  // nothing is allowed, exit_group neither
  plan.no_new_privs = filter::NoNewPrivs::kSet;
  auto child = HeldChild::Start(std::move(plan));
  ASSERT_TRUE(child);
  child->Release();
  EXPECT_GE(WaitFor(*child), 127);
  ASSERT_TRUE(child->Failure());
  EXPECT_THAT(child->Failure()->message, HasSubstr("executing it: Operation not permitted"));
}

TEST(HeldChildTest, SaysThatTheKernelDidNotTakeTheFilter) {
  ChildPlan plan = Shell("true");
  plan.filter = {BPF_STMT(BPF_LD | BPF_IMM, 1)};  // has no return
  plan.no_new_privs = filter::NoNewPrivs::kSet;
  auto child = HeldChild::Start(std::move(plan));
  ASSERT_TRUE(child);
  child->Release();
  WaitFor(*child);
  ASSERT_TRUE(child->Failure());
  EXPECT_THAT(child->Failure()->message, HasSubstr("loading the filter"));
}

}  // namespace
}  // namespace whittle::container
