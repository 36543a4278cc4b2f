#include "optimize/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using evidence::Arrival;
using evidence::Evidence;
using evidence::Fate;

profile::Document Parse(const std::string& rules, const std::string& head = "") {
  const auto document = profile::Read(
      R"({"defaultAction": "SCMP_ACT_ERRNO", )" + head + R"("syscalls": [)" + rules + "]}", "p.json");
  EXPECT_TRUE(document) << document.error().message;
  return *document;
}

Evidence Seen(const char* call, Fate fate = Fate::kAllowed, Arrival arrival = Arrival::kWorkload) {
  Evidence evidence;
  evidence.recordings["r"].epochs = 10;
  evidence.recordings["r"].started_ms = 1000;
  evidence.recordings["r"].epoch_ms = 1000;
  evidence
      .subjects[{"web", "/bin/app", arrival}][{Abi::kX86_64, *SyscallNumber(Abi::kX86_64, call), fate, false}]
      .epochs["r"]
      .Add(2, 5);
  return evidence;
}

profile::Target WithoutRuntime() {
  profile::Target target;
  target.runtime = profile::Runtime::kNone;
  return target;
}

constexpr const char* kExecve = R"({"names": ["execve"], "action": "SCMP_ACT_ALLOW"})";

TEST(Verify, FindsWhatWouldBeRefusedByWhatAndWhen) {
  const auto verification = Verify(Parse(kExecve), WithoutRuntime(), Seen("openat"));
  ASSERT_TRUE(verification);
  EXPECT_FALSE(verification->passed());
  ASSERT_EQ(verification->refused.size(), 1u);
  const auto& finding = verification->refused[0];
  EXPECT_EQ(finding.answer.verdict, "ERRNO(1)");
  EXPECT_THAT(finding.answer.by, testing::HasSubstr("default"));
  EXPECT_EQ(finding.subject.executable, "/bin/app");
  EXPECT_EQ(finding.first_ms, 3000);
  EXPECT_EQ(finding.last_ms, 6000);
}

TEST(Verify, NamesTheRuleAndItsLine) {
  const auto document =
      Parse(std::string(kExecve) + ",\n" + R"({"names": ["openat"], "action": "SCMP_ACT_KILL_PROCESS"})");
  const auto verification = Verify(document, WithoutRuntime(), Seen("openat"));
  ASSERT_EQ(verification->refused.size(), 1u);
  EXPECT_EQ(verification->refused[0].answer.by, "rule 1 (p.json:2)");
  EXPECT_EQ(verification->refused[0].answer.verdict, "KILL_PROCESS");
}

TEST(Verify, UnknownArgumentsMakeAConditionUndecided) {
  const std::string conditional =
      R"({"names": ["clone"], "action": "SCMP_ACT_ALLOW",
          "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]})";
  const auto verification =
      Verify(Parse(std::string(kExecve) + "," + conditional), WithoutRuntime(), Seen("clone"));
  ASSERT_TRUE(verification);
  EXPECT_TRUE(verification->refused.empty());
  ASSERT_EQ(verification->depends.size(), 1u);
  EXPECT_EQ(verification->depends[0].answer.verdict, "ALLOW or ERRNO(1)");
  EXPECT_EQ(verification->depends[0].answer.by, "rule 1 (p.json:1), else the default action");
  EXPECT_FALSE(verification->passed());
}

// What was compiled of a profile, judged as a filter that is there.
TEST(Verify, FiltersAsTheyAreAreJudgedAsTheirProfile) {
  using evidence::CloneFlags;
  const auto document = profile::ReadProfile("docker-default");
  ASSERT_TRUE(document);
  const profile::Target target;
  const auto of_profile = Judge::Create(*document, target);
  const auto of_filter = Judge::Create({filter::Compile(*document, target)->program});
  ASSERT_TRUE(of_profile && of_filter);
  size_t refused = 0, depends = 0;
  for (const auto name : AllSyscallNames()) {
    for (const Abi abi : {Abi::kX86_64, Abi::kI386, Abi::kX32}) {
      const auto number = SyscallNumber(abi, name);
      if (!number) continue;
      for (const auto flags : {CloneFlags::kUnknown, CloneFlags::kOrdinary, CloneFlags::kNamespaces}) {
        const auto wanted = of_profile->Ask(abi, *number, flags);
        const auto got = of_filter->Ask(abi, *number, flags);
        ASSERT_TRUE(wanted && got);
        EXPECT_EQ(got->kind, wanted->kind) << AbiName(abi) << " " << name;
        EXPECT_EQ(got->error, wanted->error) << AbiName(abi) << " " << name;
        ASSERT_EQ(got->only.has_value(), wanted->only.has_value()) << AbiName(abi) << " " << name;
        EXPECT_EQ(got->only.has_value(), got->verdict.find(" or ") == got->verdict.npos) << got->verdict;
        const auto only = got->only.value_or(OneVerdict{});
        EXPECT_EQ(profile::VerdictText(only.action, only.data), got->only ? wanted->verdict : "ALLOW");
        refused += got->kind == Answer::Kind::kRefused ? 1 : 0;
        depends += got->kind == Answer::Kind::kDepends ? 1 : 0;
      }
    }
  }
  EXPECT_GT(refused, 100u);
  EXPECT_GT(depends, 5u);
}

TEST(Verify, OfStackedFiltersTheOneThatRefusesIsNamed) {
  const auto outer = filter::Compile(Parse(kExecve), WithoutRuntime())->program;
  const auto inner = filter::Compile(*profile::Read(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
          {"names": ["execve"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7}]})",
                                                    "q.json"),
                                     WithoutRuntime())
                         ->program;
  const auto judge = Judge::Create({outer, inner});
  ASSERT_TRUE(judge);
  const auto verification = Verify(*judge, WithoutRuntime(), Seen("execve"), {Baseline(), {}});
  ASSERT_TRUE(verification);
  ASSERT_EQ(verification->refused.size(), 1u);
  EXPECT_EQ(verification->refused[0].answer.verdict, "ERRNO(7)");
  EXPECT_EQ(verification->refused[0].answer.by, "filter 2 of 2");
  const auto openat = Verify(*judge, WithoutRuntime(), Seen("openat"), {Baseline(), {}});
  EXPECT_EQ(openat->refused[0].answer.by, "filter 1 of 2");
}

TEST(Verify, WithoutAFilterThereIsNothingToPass) {
  const auto judge = Judge::Create(std::vector<filter::Program>());
  const auto verification = Verify(*judge, WithoutRuntime(), Seen("openat"));
  ASSERT_TRUE(verification);
  EXPECT_EQ(verification->state, filter::Compiled::State::kUnconfined);
  EXPECT_FALSE(verification->passed());
}

Evidence SeenClone(const char* call, evidence::CloneFlags flags) {
  Evidence evidence;
  evidence.recordings["r"].epochs = 10;
  const auto number = *SyscallNumber(Abi::kX86_64, call);
  evidence
      .subjects[{"web", "/bin/app", Arrival::kWorkload}][{Abi::kX86_64, number, Fate::kAllowed, false, flags}]
      .epochs["r"]
      .Add(2, 5);
  return evidence;
}

constexpr const char* kMaskedClone =
    R"(,{"names": ["clone"], "action": "SCMP_ACT_ALLOW",
        "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]})";

TEST(Verify, WhatIsKnownOfTheFlagsOfCloneDecidesAConditionOnThem) {
  using evidence::CloneFlags;
  const auto document = Parse(std::string(kExecve) + kMaskedClone);
  const auto ordinary = Verify(document, WithoutRuntime(), SeenClone("clone", CloneFlags::kOrdinary));
  ASSERT_TRUE(ordinary);
  EXPECT_TRUE(ordinary->passed());
  const auto namespaces = Verify(document, WithoutRuntime(), SeenClone("clone", CloneFlags::kNamespaces));
  ASSERT_EQ(namespaces->refused.size(), 1u);
  EXPECT_EQ(namespaces->refused[0].answer.verdict, "ERRNO(1)");
}

TEST(Verify, Clone3MayBeAnsweredEnosysIfCloneIsLetPassForIt) {
  using evidence::CloneFlags;
  const std::string enosys = R"(,{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38})";
  const auto both = Parse(std::string(kExecve) + kMaskedClone + enosys);
  const auto verified = Verify(both, WithoutRuntime(), SeenClone("clone3", CloneFlags::kOrdinary));
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->passed());
  EXPECT_EQ(verified->by_fallback, 1u);
  const auto alone = Parse(std::string(kExecve) + enosys);
  EXPECT_FALSE(Verify(alone, WithoutRuntime(), SeenClone("clone3", CloneFlags::kOrdinary))->passed());
  for (const auto flags : {CloneFlags::kUnknown, CloneFlags::kNamespaces, CloneFlags::kOnlyClone3}) {
    EXPECT_FALSE(Verify(both, WithoutRuntime(), SeenClone("clone3", flags))->passed());
  }
}

TEST(Verify, ConditionsThatAllLetPassAreDecided) {
  const std::string both =
      R"({"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
         {"names": ["clone"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]})";
  auto document = Parse(std::string(kExecve) + "," + both);
  document.default_action = profile::Action::kLog;
  EXPECT_TRUE(Verify(document, WithoutRuntime(), Seen("clone"))->passed());
}

TEST(Verify, TheRuntimesOwnCallsAreSaidApart) {
  const auto verification = Verify(Parse(R"({"names": ["openat"], "action": "SCMP_ACT_ALLOW"})"),
                                   profile::Target{}, Seen("openat"));
  ASSERT_TRUE(verification);
  EXPECT_TRUE(verification->refused.empty());
  EXPECT_FALSE(verification->baseline_refused.empty());
  EXPECT_FALSE(verification->passed());
}

Baseline Needs(std::initializer_list<std::pair<const char*, Need>> calls, const char* phase = "start") {
  Baseline baseline;
  baseline.measured = "a test";
  for (const auto& [call, need] : calls) {
    BaselineRow row;
    row.phase = phase;
    row.call = call;
    row.need = need;
    baseline.rows.push_back(row);
  }
  return baseline;
}

std::vector<std::string> Calls(const std::vector<RefusedRow>& rows) {
  std::vector<std::string> calls;
  for (const auto& [row, answer] : rows) calls.push_back(row.call);
  return calls;
}

TEST(Verify, ACallThatTheRuntimeStartsWithoutIsNoReasonToFail) {
  const auto baseline = Needs({{"execve", Need::kNeeded}, {"close", Need::kTolerated}});
  const auto verified = Verify(Parse(kExecve), profile::Target{}, Seen("execve"), {baseline, {}});
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->passed());
  EXPECT_THAT(Calls(verified->baseline_tolerated), testing::ElementsAre("close"));
}

TEST(Verify, ACallOfWhichNobodyKnowsCountsAsNeeded) {
  const auto verified =
      Verify(Parse(kExecve), profile::Target{}, Seen("execve"), {Needs({{"close", Need::kUnknown}}), {}});
  EXPECT_FALSE(verified->passed());
}

TEST(Verify, CallsOfDockerExecMatterWhereExecsWereSeen) {
  const auto baseline = Needs({{"write", Need::kUnknown}}, "exec");
  auto evidence = Seen("execve");
  EXPECT_TRUE(Verify(Parse(kExecve), profile::Target{}, evidence, {baseline, {}})->passed());
  evidence.recordings["r"].exercised.insert("exec");
  EXPECT_FALSE(Verify(Parse(kExecve), profile::Target{}, evidence, {baseline, {}})->passed());
}

TEST(Verify, WhatTheOldRuntimeNeededTooIsNoNews) {
  const auto before = Needs({{"execve", Need::kNeeded}, {"chdir", Need::kNeeded}});
  const auto after = Needs({{"execve", Need::kNeeded}, {"chdir", Need::kNeeded}, {"getcwd", Need::kNeeded}});
  const auto verified = Verify(Parse(kExecve), profile::Target{}, Evidence{}, {after, before});
  ASSERT_TRUE(verified);
  EXPECT_FALSE(verified->passed());
  EXPECT_THAT(Calls(verified->baseline_refused), testing::ElementsAre("getcwd"));
  EXPECT_THAT(Calls(verified->baseline_refused_now), testing::ElementsAre("chdir"));
  EXPECT_TRUE(Verify(Parse(kExecve), profile::Target{}, Evidence{}, {before, before})->passed());
}

TEST(Verify, WhatWasRefusedThenAndWhatCameFromOutsideAreCountedNotChecked) {
  Evidence evidence = *Merge(Seen("mount", Fate::kDenied), Seen("setns", Fate::kAllowed, Arrival::kArrived));
  const auto verification = Verify(Parse(kExecve), WithoutRuntime(), evidence);
  ASSERT_TRUE(verification);
  EXPECT_TRUE(verification->passed());
  EXPECT_EQ(verification->already_refused, 1u);
  EXPECT_EQ(verification->arrived, 1u);
}

TEST(Verify, CountsTheGapsOfTheEvidence) {
  Evidence evidence = Seen("execve");
  EXPECT_EQ(Verify(Parse(kExecve), WithoutRuntime(), evidence)->gaps, 0u);
  evidence.gaps.insert({"r", "under-filter", "refusals were not watched", 0});
  EXPECT_EQ(Verify(Parse(kExecve), WithoutRuntime(), evidence)->gaps, 1u);
}

TEST(Verify, SaysWhereNoFilterWouldBeInstalled) {
  profile::Target oci;
  oci.loader = profile::Loader::kOci;
  const auto document = profile::Read("{}", "p.json", profile::Reading::kAsRuntimes);
  ASSERT_TRUE(document);
  const auto verification = Verify(*document, oci, Seen("openat"));
  ASSERT_TRUE(verification);
  EXPECT_NE(verification->state, filter::Compiled::State::kFiltered);
  EXPECT_FALSE(verification->passed());
}

TEST(OpenCalls, CountsWhatCanBeAllowedWithSomeArguments) {
  const auto document = Parse(
      R"({"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
         {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]})");
  const auto judge = Judge::Create(document, profile::Target{});
  ASSERT_TRUE(judge);
  EXPECT_THAT(*OpenCalls(*judge, Abi::kX86_64), testing::ElementsAre(0, 1, 135));
}

}  // namespace
}  // namespace whittle::optimize
