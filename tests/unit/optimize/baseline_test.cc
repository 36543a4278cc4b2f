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

TEST(Baselines, ErrorsNameFileAndLine) {
  const auto bad = ParseBaselines("# x\nrunc,1.1.5,start,2,x86_64,read,1,1,\n", "b.csv");
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, testing::StartsWith("b.csv:2: "));
  EXPECT_FALSE(ParseBaselines("runc,1.1.5,start\n", "b.csv"));
}

}  // namespace
}  // namespace whittle::optimize
