#include "optimize/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::optimize {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

profile::Target Runc(uint32_t minor, uint32_t patch) {
  profile::Target target;
  target.runtime_version = {1, minor, patch};
  return target;
}

profile::Document Allowing(const std::vector<std::string>& names, const std::string& comment = "") {
  profile::Document document;
  profile::Rule rule;
  rule.names = names;
  rule.comment = comment;
  document.rules.push_back(rule);
  return document;
}

// A runtime that makes these calls at a start, all of them needed.
Baseline Making(const std::vector<std::string>& calls) {
  Baseline baseline;
  for (const auto& call : calls) {
    BaselineRow row;
    row.runtime = "runc";
    row.phase = "start";
    row.call = call;
    row.need = Need::kNeeded;
    baseline.rows.push_back(row);
  }
  baseline.measured = "runc 1.3.3";
  return baseline;
}

const char* const kComment =
    "Made by whittle generate from 2 recordings. Target: docker 20.10.24, runc 1.1.5, x86_64, kernel 6.1.0, "
    "no_new_privs. What is not listed is refused (EPERM).";

TEST(DriftTest, AProfileSaysWhatItWasMadeFor) {
  const auto made = MadeForOf(Allowing({"read"}, kComment));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->runtime.Text(), "runc 1.1.5");
  EXPECT_TRUE(made->no_new_privs);
  EXPECT_FALSE(MadeForOf(Allowing({"read"})));
  EXPECT_FALSE(MadeForOf(Allowing({"read"}, "Target: the moon, 1969.")));
}

TEST(DriftTest, RuntimesAreNamedInSeveralWays) {
  for (const char* text : {"runc-1.1.5", "runc:1.1.5", "runc 1.1.5"})
    EXPECT_EQ(ParseRuntimeId(text)->Text(), "runc 1.1.5");
  EXPECT_FALSE(ParseRuntimeId("runc"));
  EXPECT_FALSE(ParseRuntimeId("kata-3.0.0"));
  EXPECT_FALSE(ParseRuntimeId(""));
}

TEST(DriftTest, TheSameRuntimeHasNotDrifted) {
  const RuntimeId id{profile::Runtime::kRunc, {1, 1, 5}};
  const auto drift = CompareRuntimes(Runc(1, 5), id, nullptr, std::nullopt);
  ASSERT_TRUE(drift);
  EXPECT_EQ(drift->verdict, Drift::Verdict::kSame);
  EXPECT_THAT(drift->new_calls, IsEmpty());
}

TEST(DriftTest, NewCallsAreNamedBeforeTheyBreakContainers) {
  std::vector<std::string> calls;
  for (const auto& row : BaselineFor(Runc(1, 5)).rows) calls.push_back(row.call);
  auto more = calls;
  more.emplace_back("openat2");
  const RuntimeId now{profile::Runtime::kRunc, {1, 1, 5}};
  const auto profile = Allowing(calls);
  const auto breaks = CompareRuntimes(Runc(3, 3), now, &profile, Making(more));
  ASSERT_TRUE(breaks) << breaks.error().message;
  EXPECT_EQ(breaks->verdict, Drift::Verdict::kBreaks);
  EXPECT_THAT(breaks->new_calls, ElementsAre("openat2"));
  ASSERT_EQ(breaks->refused.size(), 1u);
  EXPECT_EQ(breaks->refused[0].first.call, "openat2");

  const auto wider = Allowing(more);
  EXPECT_EQ(CompareRuntimes(Runc(3, 3), now, &wider, Making(more))->verdict, Drift::Verdict::kCovered);
  EXPECT_EQ(CompareRuntimes(Runc(3, 3), now, nullptr, Making(more))->verdict, Drift::Verdict::kCovered);
}

TEST(DriftTest, AVersionThatNobodyMeasuredIsNotKnown) {
  const RuntimeId now{profile::Runtime::kRunc, {1, 1, 5}};
  const auto drift = CompareRuntimes(Runc(3, 3), now, nullptr, std::nullopt);
  EXPECT_EQ(drift->verdict, Drift::Verdict::kUnknown);
  EXPECT_THAT(drift->new_calls, IsEmpty());
  // What the nearest version needs and the profile refuses breaks all the same.
  const auto narrow = Allowing({"read"});
  EXPECT_EQ(CompareRuntimes(Runc(3, 3), now, &narrow, std::nullopt)->verdict, Drift::Verdict::kBreaks);
}

TEST(DriftTest, AProfileThatTheRuntimeDoesNotTakeBreaks) {
  auto document = Allowing({"read"});
  document.flags = {"SECCOMP_FILTER_FLAG_LOG"};
  profile::Target host = Runc(1, 5);
  host.loader = profile::Loader::kPodman;
  host.loader_version = {4, 3, 1};
  const auto drift = CompareRuntimes(host, std::nullopt, &document, std::nullopt);
  EXPECT_EQ(drift->verdict, Drift::Verdict::kBreaks);
  EXPECT_FALSE(drift->refused_because.empty());
}

}  // namespace
}  // namespace whittle::optimize
