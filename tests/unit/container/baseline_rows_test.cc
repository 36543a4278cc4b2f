#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "container/baseline.h"
#include "container/tiny_image.h"

namespace whittle::container {
namespace {

using ::testing::HasSubstr;

// x86_64 numbers: read 0, write 1, rt_sigreturn 15, execve 59, fchown 93.
VariantCounts Plain() {
  return {"plain", 10, {{{Abi::kX86_64, 0}, 10}, {{Abi::kX86_64, 15}, 1}, {{Abi::kX86_64, 59}, 10}}};
}
VariantCounts User() {
  return {"--user", 5, {{{Abi::kX86_64, 0}, 5}, {{Abi::kX86_64, 59}, 5}, {{Abi::kX86_64, 93}, 5}}};
}

const BaselineRow* Find(const std::vector<BaselineRow>& rows, const std::string& call) {
  for (const auto& row : rows) {
    if (row.call == call) return &row;
  }
  return nullptr;
}

TEST(BaselineRowsTest, CountsOverVariantsAndSaysWhatIsRare) {
  const auto rows = RowsOf(Phase::kStart, false, {Plain(), User()});
  ASSERT_EQ(rows.size(), 4u);
  ASSERT_NE(Find(rows, "read"), nullptr);
  EXPECT_EQ(Find(rows, "read")->seen, 15u);
  EXPECT_EQ(Find(rows, "read")->starts, 15u);
  EXPECT_EQ(Find(rows, "read")->reason, "");
  EXPECT_EQ(Find(rows, "fchown")->seen, 5u);
  EXPECT_EQ(Find(rows, "fchown")->reason, "only with --user");
  EXPECT_EQ(Find(rows, "rt_sigreturn")->seen, 1u);
  EXPECT_THAT(Find(rows, "rt_sigreturn")->reason, HasSubstr("signal"));
}

TEST(BaselineRowsTest, WhatComesAndGoesIsNoMatterOfAVariant) {
  const VariantCounts tty{"--tty", 5, {{{Abi::kX86_64, 202}, 4}}};
  const auto rows = RowsOf(Phase::kExec, true, {User(), tty});
  ASSERT_NE(Find(rows, "futex"), nullptr);
  EXPECT_EQ(Find(rows, "futex")->reason, "in some starts only");
}

TEST(BaselineRowsTest, GoRuntimesGetWhatTheirSchedulerMayCallAndSayThatItWasNotSeen) {
  auto rows = RowsOf(Phase::kStart, false, {User()});
  AddArguedRows(profile::Runtime::kCrun, rows);
  EXPECT_EQ(Find(rows, "rt_sigreturn"), nullptr);
  AddArguedRows(profile::Runtime::kRunc, rows);
  ASSERT_NE(Find(rows, "rt_sigreturn"), nullptr);
  EXPECT_EQ(Find(rows, "rt_sigreturn")->seen, 0u);
  EXPECT_EQ(Find(rows, "rt_sigreturn")->starts, 5u);
  EXPECT_THAT(Find(rows, "rt_sigreturn")->reason, HasSubstr("not seen here"));
}

TEST(BaselineRowsTest, TheTableIsStable) {
  Baseline baseline;
  baseline.engine_text = "docker 20.10.24";
  baseline.runtime_text = "runc 1.1.5";
  baseline.rows = RowsOf(Phase::kStart, true, {User()});
  const std::string text = WriteBaselineCsv(baseline);
  EXPECT_THAT(text, HasSubstr("runtime,version,phase,no_new_privs,abi,call,seen,starts,reason,needed\n"
                              "runc,1.1.5,start,1,x86_64,execve,5,5,,\n"
                              "runc,1.1.5,start,1,x86_64,fchown,5,5,,\n"
                              "runc,1.1.5,start,1,x86_64,read,5,5,,\n"));
}

TEST(TinyImageTest, IsAnArchiveOfTwoProgramsForX86Only) {
  const auto image = TinyImage(Abi::kX86_64);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->size() % 512, 0u);
  EXPECT_EQ(image->substr(0, 4), "exit");
  EXPECT_EQ(image->substr(257, 5), "ustar");
  EXPECT_EQ(image->substr(512, 4),
            "\x7f"
            "ELF");
  EXPECT_FALSE(TinyImage(Abi::kAarch64));
}

}  // namespace
}  // namespace whittle::container
