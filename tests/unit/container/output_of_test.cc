#include "container/output_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace whittle::container {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> WaitForLines(OutputOf& program) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1000 && lines.empty(); i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    lines = program.TakeLines();
  }
  return lines;
}

TEST(OutputOfTest, TakesLinesAndEndsTheProgramWithTheValue) {
  pid_t pid = 0;
  {
    auto program = OutputOf::Start({"sh", "-c", "echo $$; echo more; exec sleep 100"});
    ASSERT_TRUE(program) << program.error().message;
    const auto lines = WaitForLines(*program);
    ASSERT_FALSE(lines.empty());
    pid = std::stoi(lines.front());
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_NE(kill(pid, 0), 0) << "ended, and reaped";
}

TEST(OutputOfTest, SaysWhyAProgramDoesNotBegin) {
  const auto program = OutputOf::Start({"no-such-program-of-whittle"});
  ASSERT_FALSE(program);
  EXPECT_THAT(program.error().message, HasSubstr("no-such-program-of-whittle: No such file"));
}

// As a recorder that is killed: none of its code runs any more.
TEST(OutputOfTest, NothingIsLeftBehindByAProcessThatIsKilled) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t recorder = fork();
  if (recorder == 0) {
    auto program = OutputOf::Start({"sh", "-c", "echo $$; exec sleep 100"});
    const pid_t pid = program ? std::stoi(WaitForLines(*program).front()) : 0;
    (void)!write(ends[1], &pid, sizeof(pid));
    pause();
    _exit(0);
  }
  pid_t left = 0;
  ASSERT_EQ(read(ends[0], &left, sizeof(left)), ssize_t{sizeof(left)});
  ASSERT_GT(left, 0);
  kill(recorder, SIGKILL);
  waitpid(recorder, nullptr, 0);
  int status = 0;
  ASSERT_EQ(waitpid(left, &status, 0), left);  // it is ours now: who waits for it would wait 100 s else
  EXPECT_TRUE(WIFSIGNALED(status));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace whittle::container
