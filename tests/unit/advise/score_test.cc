#include "advise/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "advise/flaws.h"
#include "profile/document.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kBothAbis = R"("architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],)";
constexpr const char* kOneAbi = R"("architectures": ["SCMP_ARCH_X86_64"],)";

optimize::Judge JudgeOf(const std::string& rules, const std::string& head = kOneAbi) {
  const auto document = profile::Read(
      R"({"defaultAction": "SCMP_ACT_ERRNO", )" + head + R"("syscalls": [)" + rules + "]}", "p.json");
  EXPECT_TRUE(document) << document.error().message;
  auto judge = optimize::Judge::Create(*document, {});
  EXPECT_TRUE(judge) << judge.error().message;
  return std::move(*judge);
}

std::string Allow(const std::string& name, const std::string& args = "") {
  return R"({"names": [")" + name + R"("], "action": "SCMP_ACT_ALLOW", "args": [)" + args + "]}";
}

Score ScoreOfRules(const std::string& rules) { return ScoreOf(*SurfaceOf(JudgeOf(rules), Abi::kX86_64)); }

constexpr const char* kNoNamespaces =
    R"({"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"})";

TEST(Score, APlainCallCountsForBeingOpenOnly) {
  const auto score = ScoreOfRules(Allow("getpid"));
  EXPECT_EQ(score.points, kPointsOpen);
  ASSERT_EQ(score.calls.size(), 1u);
  EXPECT_EQ(score.calls[0].sum(), kPointsOpen);
}

TEST(Score, RisksAndFlawsAddToACall) {
  const auto score = ScoreOfRules(Allow("perf_event_open"));
  ASSERT_EQ(score.calls.size(), 1u);
  EXPECT_EQ(score.calls[0].risk, kPointsOfRisk[3]);
  uint64_t flaws = 0;
  for (const auto& pair : CvePairsOf("perf_event_open"))
    flaws += pair.published ? kPointsPublished : kPointsDerived;
  EXPECT_GT(flaws, 0u);
  EXPECT_EQ(score.calls[0].flaws, flaws);
  EXPECT_EQ(score.points, kPointsOpen + kPointsOfRisk[3] + flaws);
}

TEST(Score, ALongRecordOfFlawsIsCapped) {
  const auto score = ScoreOfRules(Allow("socket"));
  EXPECT_EQ(score.calls[0].flaws, kMostPointsOfFlaws);
}

TEST(Score, ACallForSomeArgumentsCountsHalf) {
  const auto whole = ScoreOfRules(Allow("clone"));
  const auto half = ScoreOfRules(Allow("clone", kNoNamespaces));
  EXPECT_TRUE(half.calls[0].halved);
  EXPECT_EQ(2 * half.points, whole.points);
}

TEST(Score, PartsAndCallsAddUp) {
  for (const auto* name : {"docker-default", "podman-default", "audit", "allow-all"}) {
    const auto judge = optimize::Judge::Create(*profile::ReadProfile(name), {});
    const auto score = ScoreOf(*SurfaceOf(*judge, Abi::kX86_64));
    uint64_t parts = 0, most = 0, calls = 0;
    for (const auto& part : score.parts) {
      parts += part.points;
      most += part.most;
      EXPECT_LE(part.points, part.most) << name << " " << part.name;
    }
    for (const auto& call : score.calls) calls += call.sum();
    EXPECT_EQ(parts, score.points) << name;
    EXPECT_EQ(most, score.most) << name;
    EXPECT_EQ(calls + score.parts.back().points, score.points) << name;
  }
}

// What is added to a profile never lowers its score.
TEST(Score, WiderIsNotLess) {
  std::string rules = Allow("read");
  uint64_t last = ScoreOfRules(rules).points;
  for (const auto* name : {"getpid", "ptrace", "socket", "clone", "bpf"}) {
    rules += "," + Allow(name);
    const uint64_t points = ScoreOfRules(rules).points;
    EXPECT_GT(points, last) << name;
    last = points;
  }
}

TEST(Score, WithoutAFilterAllIsOpen) {
  const auto judge = optimize::Judge::Create(std::vector<filter::Program>{});
  const auto score = ScoreOf(*SurfaceOf(*judge, Abi::kX86_64));
  EXPECT_EQ(score.points, score.most);
}

TEST(Surface, OtherAbisAreThoseOfWhichSomeCallPasses) {
  EXPECT_THAT(SurfaceOf(JudgeOf(Allow("read")), Abi::kX86_64)->other_abis, IsEmpty());
  const auto both = JudgeOf(Allow("read"), kBothAbis);
  EXPECT_THAT(SurfaceOf(both, Abi::kX86_64)->other_abis, ElementsAre(Abi::kI386));
  EXPECT_EQ(ScoreOf(*SurfaceOf(both, Abi::kX86_64)).points, kPointsOpen + kPointsOfAbi);
}

Flaw FlawOf(const std::string& rules, std::string_view cve, const char* head = kOneAbi) {
  const auto judge = JudgeOf(rules, head);
  const auto flaws = FlawsUnder(judge, *SurfaceOf(judge, Abi::kX86_64));
  EXPECT_TRUE(flaws);
  const auto flaw = std::ranges::find(*flaws, cve, &Flaw::cve);
  EXPECT_NE(flaw, flaws->end()) << cve;
  return flaw == flaws->end() ? Flaw{} : *flaw;
}

TEST(Flaws, AreClosedWhereEachOfTheirCallsIs) {
  const std::string_view cve = "CVE-2014-7970";  // clone, clone3, unshare
  EXPECT_EQ(FlawOf(Allow("read"), cve).closed, Closed::kClosed);
  EXPECT_EQ(FlawOf(Allow("unshare"), cve).closed, Closed::kOpen);
  EXPECT_EQ(FlawOf(Allow("clone3"), cve).closed, Closed::kOpen);
  EXPECT_FALSE(FlawOf(Allow("clone3"), cve).published);
}

TEST(Flaws, OfNamespacesAreClosedByAConditionOnClone) {
  EXPECT_EQ(FlawOf(Allow("clone", kNoNamespaces), "CVE-2014-7970").closed, Closed::kByArgument);
  EXPECT_EQ(FlawOf(Allow("clone"), "CVE-2014-7970").closed, Closed::kOpen);
  // A condition that leaves the flags alone closes nothing.
  const auto other = Allow("clone", R"({"index": 2, "value": 0, "op": "SCMP_CMP_EQ"})");
  EXPECT_EQ(FlawOf(other, "CVE-2014-7970").closed, Closed::kDepends);
}

TEST(Flaws, OfASocketsFamilyAreClosedByItsValue) {
  const std::string_view packet = "CVE-2017-7308", alg = "CVE-2019-8912";
  const auto inet = Allow("socket", R"({"index": 0, "value": 2, "op": "SCMP_CMP_EQ"})");
  EXPECT_EQ(FlawOf(inet, packet).closed, Closed::kByArgument);
  EXPECT_TRUE(FlawOf(inet, packet).published);
  const auto only_packet = Allow("socket", R"({"index": 0, "value": 17, "op": "SCMP_CMP_EQ"})");
  EXPECT_EQ(FlawOf(only_packet, packet).closed, Closed::kOpen);
  EXPECT_EQ(FlawOf(only_packet, alg).closed, Closed::kByArgument);
}

// The kernel takes the low half of an int: what is not equal to it in the high half is AF_PACKET all the
// same.
TEST(Flaws, AHighHalfThatTheKernelIgnoresLeavesThemOpen) {
  const auto not_packet = Allow("socket", R"({"index": 0, "value": 17, "op": "SCMP_CMP_NE"})");
  EXPECT_EQ(FlawOf(not_packet, "CVE-2017-7308").closed, Closed::kOpen);
}

// On i386 socketcall, which libseccomp opens for a rule on socket, has the family in memory.
TEST(Flaws, AnotherAbisWayCounts) {
  const auto inet = Allow("socket", R"({"index": 0, "value": 2, "op": "SCMP_CMP_EQ"})");
  EXPECT_EQ(FlawOf(inet, "CVE-2017-7308", kBothAbis).closed, Closed::kOpen);
  EXPECT_EQ(FlawOf(Allow("clone", kNoNamespaces), "CVE-2014-7970", kBothAbis).closed, Closed::kByArgument);
  EXPECT_EQ(FlawOf(Allow("read"), "CVE-2017-7308", kBothAbis).closed, Closed::kClosed);
}

TEST(Flaws, WhoseArgumentIsNotKnownDependOnArguments) {
  const auto inet = Allow("socket", R"({"index": 0, "value": 2, "op": "SCMP_CMP_EQ"})");
  EXPECT_EQ(FlawOf(inet, "CVE-2017-2671").closed, Closed::kDepends);
}

TEST(Flaws, OfTheWholeTableAreToldOnceEach) {
  const auto judge = JudgeOf(Allow("read"));
  const auto flaws = FlawsUnder(judge, *SurfaceOf(judge, Abi::kX86_64));
  size_t ways = 0;
  for (const auto& flaw : *flaws) ways += flaw.ways.size();
  EXPECT_EQ(ways, CvePairs().size());
}

TEST(ArgumentRule, IsPossibleWhereAFilterSeesWhatTheFlawNeeds) {
  const auto text = [](std::string_view cve, std::string_view call) {
    const auto pairs = CvePairsOf(call);
    const auto pair = std::ranges::find(pairs, cve, &CvePair::cve);
    EXPECT_NE(pair, pairs.end()) << cve;
    return pair == pairs.end() ? std::string() : ArgumentRuleText(Abi::kX86_64, *pair);
  };
  EXPECT_THAT(text("CVE-2014-7970", "clone"), StartsWith("yes: "));
  EXPECT_THAT(text("CVE-2014-7970", "clone3"), StartsWith("no: "));
  EXPECT_EQ(text("CVE-2017-7308", "socket"), "yes: without AF_PACKET");
  EXPECT_THAT(text("CVE-2010-3858", "execve"), StartsWith("no: "));  // three pointers
  EXPECT_THAT(text("CVE-2009-3624", "keyctl"), StartsWith("not known: "));
}

}  // namespace
}  // namespace whittle::advise
