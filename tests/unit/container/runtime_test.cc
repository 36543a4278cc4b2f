#include "container/runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::container {
namespace {

using ::testing::HasSubstr;

TEST(RuntimeTest, ReadsWhatRuncAndCrunSay) {
  const auto runc = ParseRuntimeVersion(
      "runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev\ngo: go1.19.8\nlibseccomp: "
      "2.5.4\n",
      "runc");
  ASSERT_TRUE(runc) << runc.error().message;
  EXPECT_EQ(runc->runtime, profile::Runtime::kRunc);
  EXPECT_EQ(runc->version, (profile::Version{1, 1, 5}));
  EXPECT_EQ(runc->version_text, "1.1.5+ds1");
  EXPECT_EQ(runc->libseccomp, (profile::Version{2, 5, 4}));
  const auto crun =
      ParseRuntimeVersion("crun version 1.8.1\ncommit: f8a096be\nspec: 1.0.0\n+SYSTEMD +SECCOMP\n", "crun");
  ASSERT_TRUE(crun) << crun.error().message;
  EXPECT_EQ(crun->runtime, profile::Runtime::kCrun);
  EXPECT_EQ(crun->version, (profile::Version{1, 8, 1}));
  EXPECT_FALSE(crun->libseccomp);
}

TEST(RuntimeTest, RefusesOtherProgramsAndNamesThem) {
  for (const char* text :
       {"", "runsc version release-20230904\n", "runc version\n", "runc version many\n", "\x1b[31m"}) {
    const auto other = ParseRuntimeVersion(text, "/opt/other");
    ASSERT_FALSE(other) << text;
    EXPECT_EQ(other.error().code, ErrorCode::kBadInput);
    EXPECT_THAT(other.error().message, HasSubstr("/opt/other"));
    EXPECT_THAT(other.error().message, Not(HasSubstr("\x1b")));
  }
}

TEST(RuntimeTest, AMissingRuntimeIsNamed) {
  const auto missing = AskRuntime("no-such-runtime");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotPossible);
  EXPECT_THAT(missing.error().message, HasSubstr("no-such-runtime"));
}

}  // namespace
}  // namespace whittle::container
