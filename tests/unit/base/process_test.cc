#include "base/process.h"

#include <gtest/gtest.h>

namespace whittle {
namespace {

TEST(Process, GivesOutputErrorsAndExitCode) {
  const auto result = RunProcess({"sh", "-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->errors, "err\n");
  EXPECT_EQ(result->exit_code, 3);
}

TEST(Process, AMissingProgramIsNotPossible) {
  const auto result = RunProcess({"no-such-program-here"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotPossible);
}

TEST(Process, ADeadlineEndsIt) {
  const auto result = RunProcess({"sleep", "60"}, 50);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotPossible);
}

TEST(Process, SignalsShowInTheExitCode) {
  const auto result = RunProcess({"sh", "-c", "kill -9 $$"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 137);
}

TEST(FindProgram, LooksInPath) {
  EXPECT_FALSE(FindProgram("sh").empty());
  EXPECT_TRUE(FindProgram("no-such-program-here").empty());
}

}  // namespace
}  // namespace whittle
