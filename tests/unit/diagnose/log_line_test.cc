#include "diagnose/log_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace whittle::diagnose {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(LogLineTest, FindsTheErrorByTextOrName) {
  EXPECT_EQ(ErrorNamed("mkdir: can't create directory '/x': Operation not permitted"), unsigned{EPERM});
  EXPECT_EQ(ErrorNamed("Error: EPERM: chmod '/x'"), unsigned{EPERM});
  EXPECT_EQ(ErrorNamed("x: function not implemented"), unsigned{ENOSYS});
  EXPECT_EQ(ErrorNamed("all is well"), 0u);
  EXPECT_EQ(ErrorNamed("PERMITTED"), 0u);
}

TEST(LogLineTest, FindsTheCallsThatWordsMean) {
  const auto mkdir = FailedCallIn("mkdir: can't create directory '/x': Operation not permitted");
  ASSERT_TRUE(mkdir);
  EXPECT_THAT(mkdir->calls, ElementsAre("mkdir", "mkdirat"));
  const auto bind = FailedCallIn("nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)");
  ASSERT_TRUE(bind);
  EXPECT_EQ(bind->error, unsigned{EACCES});
  EXPECT_THAT(bind->calls, Contains("bind"));
  EXPECT_THAT(FailedCallIn("/bin/mkdir: Operation not permitted")->calls, IsEmpty());  // part of a path
  EXPECT_FALSE(FailedCallIn("mkdir: it worked"));
}

TEST(LogLineTest, BusyboxsMountIsNotPermitted) {
  EXPECT_EQ(FailedCallIn("mount: permission denied (are you root?)")->error, unsigned{EPERM});
}

TEST(LogLineTest, ShellsTellOfSigsys) {
  EXPECT_TRUE(TellsOfSigsys("Bad system call (core dumped)"));
  EXPECT_FALSE(TellsOfSigsys("Segmentation fault"));
}

}  // namespace
}  // namespace whittle::diagnose
