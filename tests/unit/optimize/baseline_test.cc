#include "optimize/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using profile::Runtime;
using profile::Target;

bool Has(const Baseline& baseline, std::string_view call) {
  return std::ranges::any_of(baseline.rows, [&](const auto& row) { return row.call == call; });
}

TEST(Baselines, EveryTableCanBeRead) {
  size_t rows = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WHITTLE_SOURCE_DIR "/data/baselines")) {
    const auto parsed = ParseBaselines(*ReadFile(entry.path()), entry.path().filename());
    ASSERT_TRUE(parsed) << parsed.error().message;
    rows += parsed->size();
    for (const auto& row : *parsed) EXPECT_TRUE(IsSyscallName(row.call)) << row.call;
  }
  EXPECT_EQ(MeasuredBaselines().size(), rows);
}

TEST(Baselines, RareCallsOfRuncAreInIt) {
  const auto baseline = BaselineFor(Target{});
  EXPECT_EQ(baseline.measured, "runc 1.1.5");
  EXPECT_EQ(baseline.doubt, "");
  for (const char* call : {"execve", "rt_sigreturn", "futex", "capset"})
    EXPECT_TRUE(Has(baseline, call)) << call;
}

TEST(Baselines, NoNewPrivsNeedsLess) {
  Target target;
  target.no_new_privs = true;
  const auto baseline = BaselineFor(target);
  EXPECT_TRUE(Has(baseline, "execve"));
  EXPECT_FALSE(Has(baseline, "capset"));
}

TEST(Baselines, AnotherVersionTakesTheNearestAndSaysSo) {
  Target target;
  target.runtime_version = {1, 1, 9};
  const auto baseline = BaselineFor(target);
  EXPECT_FALSE(baseline.rows.empty());
  EXPECT_THAT(baseline.doubt, testing::HasSubstr("not on runc 1.1.9"));
}

TEST(Baselines, AnotherArchitectureSaysSo) {
  Target target;
  target.arch = Abi::kAarch64;
  EXPECT_THAT(BaselineFor(target).doubt, testing::HasSubstr("not on aarch64"));
}

TEST(Baselines, AnUnknownRuntimeIsSaidToBeUnknown) {
  const auto baseline = BaselineFor(Target{}, {});
  EXPECT_TRUE(baseline.rows.empty());
  EXPECT_THAT(baseline.doubt, testing::HasSubstr("no start of runc was ever measured"));
}

class OwnBaseline : public testing::Test {
 protected:
  Result<Baseline> Read(const std::string& text, const Target& target = {}) {
    const std::string path = testing::TempDir() + "/baseline";
    EXPECT_TRUE(WriteFile(path, text));
    return ReadBaseline(path, target);
  }
};

TEST_F(OwnBaseline, MayBeAListOfNames) {
  const auto baseline = Read("# new runtime\nopenat2\nx86_64 statx  # seen once\n\n");
  ASSERT_TRUE(baseline) << baseline.error().message;
  ASSERT_EQ(baseline->rows.size(), 2u);
  EXPECT_EQ(baseline->rows[1].call, "statx");
  EXPECT_EQ(baseline->rows[1].need, Need::kNeeded);
}

TEST_F(OwnBaseline, MayBeATableWithOrWithoutTheLastColumn) {
  const std::string head = "runtime,version,phase,no_new_privs,abi,call,seen,starts,reason";
  const auto with =
      Read(head + ",needed\nrunc,1.3.3,start,0,x86_64,statx,5,5,,0\nrunc,1.3.3,start,1,x86_64,read,5,5,,\n");
  ASSERT_TRUE(with) << with.error().message;
  ASSERT_EQ(with->rows.size(), 1u);
  EXPECT_EQ(with->rows[0].need, Need::kTolerated);
  EXPECT_THAT(with->doubt, testing::HasSubstr("runc 1.3.3"));
  EXPECT_EQ(Read(head + "\nrunc,1.1.5,start,0,x86_64,statx,5,5,\n")->rows[0].need, Need::kUnknown);
}

TEST_F(OwnBaseline, MayBeNamed) {
  const auto baseline = ReadBaseline("crun:1.8.1", Target{});
  ASSERT_TRUE(baseline) << baseline.error().message;
  EXPECT_EQ(baseline->measured, "crun 1.8.1");
  EXPECT_EQ(baseline->doubt, "");
}

TEST_F(OwnBaseline, ErrorsSayWhatWasExpected) {
  EXPECT_THAT(Read("read\nopenatt\n").error().message,
              testing::HasSubstr(":2: expected the name of a system call"));
  EXPECT_THAT(Read("").error().message, testing::HasSubstr("holds no call"));
  EXPECT_THAT(Read("{\"rows\": []}").error().message, testing::HasSubstr("this is JSON"));
  EXPECT_THAT(Read("runtime,version,\ncrun,1.0.0,start,0,x86_64,read,1,1,\n").error().message,
              testing::HasSubstr("nothing of runc"));
  EXPECT_FALSE(ReadBaseline("nowhere.csv", Target{}));
  EXPECT_FALSE(ReadBaseline("runc:x", Target{}));
}

TEST(Baselines, ErrorsNameFileAndLine) {
  const auto bad = ParseBaselines("# x\nrunc,1.1.5,start,2,x86_64,read,1,1,\n", "b.csv");
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, testing::StartsWith("b.csv:2: "));
  EXPECT_FALSE(ParseBaselines("runc,1.1.5,start\n", "b.csv"));
  EXPECT_FALSE(ParseBaselines("runc,1.1.5,start,1,x86_64,read,1,1,,maybe\n", "b.csv"));
}

}  // namespace
}  // namespace whittle::optimize
