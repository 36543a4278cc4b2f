#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profile/catalogue.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::profile {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string ErrorOf(std::string_view text, Reading reading = Reading::kStrict) {
  const auto document = Read(text, "p.json", reading);
  return document ? "" : document.error().message;
}

// A profile with one rule.
std::string WithRule(const std::string& rule) {
  return "{\"defaultAction\": \"SCMP_ACT_ERRNO\",\n \"syscalls\": [\n  " + rule + "]}";
}

TEST(ReadProfile, EveryMemberOfTheFormatIsKept) {
  const auto document = Read(R"({
    "defaultAction": "SCMP_ACT_KILL", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64"],
    "flags": ["SECCOMP_FILTER_FLAG_LOG"], "listenerPath": "/run/a.sock", "listenerMetadata": "m",
    "syscalls": [{"names": ["read", "write"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5, "comment": "why",
      "args": [{"index": 2, "value": 18446744073709551615, "valueTwo": 7, "op": "SCMP_CMP_MASKED_EQ"}],
      "includes": {"caps": ["CAP_SYS_ADMIN"], "minKernel": "4.8"}, "excludes": {"arches": ["s390x"]}}]})",
                             "p.json");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->default_action, Action::kKillThread);
  EXPECT_EQ(document->default_errno_return, 38u);
  EXPECT_THAT(document->flags, ElementsAre("SECCOMP_FILTER_FLAG_LOG"));
  ASSERT_EQ(document->rules.size(), 1u);
  const Rule& rule = document->rules[0];
  EXPECT_THAT(rule.names, ElementsAre("read", "write"));
  EXPECT_EQ(rule.errno_return, 5u);
  EXPECT_EQ(rule.comment, "why");
  EXPECT_THAT(rule.conditions, ElementsAre(Condition{2, Operator::kMaskedEqual, UINT64_MAX, 7}));
  EXPECT_THAT(rule.includes.capabilities, ElementsAre("CAP_SYS_ADMIN"));
  EXPECT_EQ(rule.includes.min_kernel, "4.8");
  EXPECT_THAT(rule.excludes.arches, ElementsAre("s390x"));
  EXPECT_EQ(rule.at.line, 4u);
}

TEST(ReadProfile, WritingWhatWasReadChangesNothing) {
  for (const auto& entry : Catalogue()) {
    const auto document = ReadProfile(std::string(entry.name));
    ASSERT_TRUE(document) << document.error().message;
    const std::string written = Write(*document);
    const auto again = Read(written, "written");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(Write(*again), written);
    EXPECT_EQ(again->rules.size(), document->rules.size());
  }
}

TEST(ReadProfile, WrongValuesAreNamedWithTheirPlaceAndTheNearestRightWord) {
  EXPECT_THAT(ErrorOf(WithRule(R"({"names": ["read"], "action": "SCMP_ACT_ALOW"})")),
              AllOf(HasSubstr("p.json:3:33: /syscalls/0/action: unknown action 'SCMP_ACT_ALOW'"),
                    HasSubstr("'SCMP_ACT_ALLOW'")));
  EXPECT_THAT(ErrorOf(WithRule(R"({"names": ["read"], "action": 3})")), HasSubstr("must be a string"));
  EXPECT_THAT(ErrorOf(WithRule(R"({"names": "read", "action": "SCMP_ACT_ALLOW"})")),
              HasSubstr("names must be a list"));
  EXPECT_THAT(ErrorOf(WithRule(R"({"names": ["read"]})")), HasSubstr("no action"));
  EXPECT_THAT(
      ErrorOf(WithRule(
          R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 6, "op": "SCMP_CMP_EQ"}]})")),
      HasSubstr("index is 6: expected a whole number from 0 to 5"));
  EXPECT_THAT(
      ErrorOf(WithRule(
          R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_EG"}]})")),
      AllOf(HasSubstr("unknown operator"), HasSubstr("SCMP_CMP_EQ")));
  EXPECT_THAT(
      ErrorOf(WithRule(
          R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]})")),
      HasSubstr("not a negative number"));
  EXPECT_THAT(ErrorOf(WithRule(R"({"names": ["a"], "action": "SCMP_ACT_ERRNO", "errnoRet": 65536})")),
              HasSubstr("from 0 to 65535"));
  EXPECT_THAT(ErrorOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_46"]})"),
              AllOf(HasSubstr("unknown architecture"), HasSubstr("SCMP_ARCH_X86_64")));
  EXPECT_THAT(
      ErrorOf(WithRule(R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4"}})")),
      HasSubstr("minKernel"));
}

TEST(ReadProfile, EveryErrorHasTheJsonPathOfItsPlace) {
  const struct {
    std::string text;
    std::string place;
  } cases[] = {
      {R"({"defaultAction": 1})", "p.json:1:19: /defaultAction: "},
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "archMap": [{"architecture": "SCMP_ARCH_X86_64",
           "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X3"]}]})",
       "p.json:2:50: /archMap/0/subArchitectures/1: unknown architecture 'SCMP_ARCH_X3': expected"},
      {WithRule(R"({"names": ["a", 1], "action": "SCMP_ACT_ALLOW"})"), "p.json:3:19: /syscalls/0/names/1: "},
      {WithRule(R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "EQ"}]})"),
       "p.json:3:76: /syscalls/0/args/0/op: "},
      {WithRule(R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0}]})"),
       "p.json:3:57: /syscalls/0/args/0: "},
      {WithRule(R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": "CAP_BPF"}})"),
       "p.json:3:69: /syscalls/0/excludes/caps: "},
      {WithRule(R"({"names": ["a"], "a/b~c": 1})"), "/syscalls/0/a~1b~0c: unknown member 'a/b~c'"},
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{}, {"names": [read]}]})",
       "/syscalls/1/names: not valid JSON"},
      {R"({"defaultAction": SCMP_ACT_ERRNO})", "p.json:1:19: /defaultAction: not valid JSON"},
      {"7", "p.json:1:1: /: "},
  };
  for (const auto& [text, place] : cases) EXPECT_THAT(ErrorOf(text), HasSubstr(place)) << text;
}

TEST(ReadProfile, MessagesStayShortWhateverTheDocumentHolds) {
  const std::string long_name(1 << 20, 'x');
  const std::string texts[] = {
      "{\"" + long_name + "\": 1}",
      "{\"defaultAction\": \"" + long_name + "\"}",
      "{\"" + long_name + "\": nope}",
      "[\"" + long_name,
      "\"" + long_name + "\"",
      "1" + std::string(1 << 20, '0'),
      WithRule("{\"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"minKernel\": \"" + long_name + "\"}}"),
  };
  for (const auto& text : texts) {
    EXPECT_LT(ErrorOf(text).size(), 1000u) << ErrorOf(text).substr(0, 100);
    EXPECT_NE(ErrorOf(text), "");
  }
}

TEST(ReadProfile, WarningsAreCountedWhereThereAreMany) {
  std::string text = R"({"defaultAction": "SCMP_ACT_ERRNO")";
  for (int i = 0; i < 250; ++i) text += ", \"member" + std::to_string(i) + "\": 1";
  const auto document = Read(text + "}", "p.json", Reading::kAsRuntimes);
  ASSERT_TRUE(document);
  ASSERT_EQ(document->warnings.size(), 101u);
  EXPECT_THAT(document->warnings.back(), HasSubstr("150 more"));
}

TEST(ReadProfile, NotesForPeopleAreNoTypingErrors) {
  for (const char* note : {"comment", "//", "_why", "$schema", "description", "#"}) {
    EXPECT_EQ(ErrorOf(R"({"defaultAction": "SCMP_ACT_ERRNO", ")" + std::string(note) + R"(": ["x", 1]})"),
              "");
  }
}

TEST(ReadProfile, WhatARuntimeWouldPassInSilenceIsAnErrorForAPersonAndAWarningForASimulation) {
  const struct {
    std::string text;
    std::string message;
  } cases[] = {
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "syscals": []})", "unknown member 'syscals'"},
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultAction": "SCMP_ACT_ALLOW"})", "given twice"},
      {R"({"defaultaction": "SCMP_ACT_ERRNO"})", "is spelled 'defaultAction'"},
      {R"({})", "no filter at all"},
      {R"({"defaultAction": ""})", "defaultAction is empty"},
      {R"({"syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]})", "defaultAction is missing"},
      {R"({"kind": "SeccompProfile", "spec": {"defaultAction": "SCMP_ACT_ERRNO"}})", "member"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(ErrorOf(text), HasSubstr(message)) << text;
    const auto lenient = Read(text, "p.json", Reading::kAsRuntimes);
    ASSERT_TRUE(lenient) << lenient.error().message;
    EXPECT_THAT(lenient->warnings, Not(IsEmpty())) << text;
  }
}

TEST(ReadProfile, TheProfileInsideAnotherDocumentIsPointedOut) {
  const auto lenient =
      Read(R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO"}}})", "c.json", Reading::kAsRuntimes);
  ASSERT_TRUE(lenient);
  EXPECT_THAT(lenient->warnings.back(), HasSubstr("'linux.seccomp'"));
}

TEST(ReadProfile, WhatIsNoProfileAtAllHasItsLikelyCause) {
  EXPECT_THAT(ErrorOf(R"([{"names": ["read"], "action": "SCMP_ACT_ALLOW"}])"),
              AllOf(HasSubstr("p.json:1:1: /: "), HasSubstr("list of rules")));
  EXPECT_THAT(ErrorOf(R"("{\"defaultAction\": \"SCMP_ACT_ERRNO\"}")"), HasSubstr("inside a JSON string"));
  EXPECT_THAT(ErrorOf("./profiles/web.json\n"), HasSubstr("name of a file"));
  EXPECT_THAT(ErrorOf("\"profiles/web.json\""), HasSubstr("perhaps a file name"));
  EXPECT_THAT(ErrorOf("\xef\xbb\xbf{\"defaultAction\": \"SCMP_ACT_ERRNO\"}"), HasSubstr("byte order mark"));
  EXPECT_THAT(ErrorOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [],})"),
              HasSubstr("p.json:1:51: /: not valid JSON"));
  EXPECT_THAT(ErrorOf(R"([{"defaultAction": "SCMP_ACT_ERRNO"}])"), HasSubstr("the profile is inside a list"));
  EXPECT_THAT(ErrorOf(R"([{"defaultAction": "SCMP_ACT_ERRNO"}, {"syscalls": []}])"),
              HasSubstr("a list of 2 entries, 2 of them profiles"));
  EXPECT_THAT(ErrorOf("7"), HasSubstr("not a number"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("empty"));
}

TEST(ReadProfile, OtherNamesOfArchitecturesAreUnderstoodInMessages) {
  const struct {
    std::string_view said;
    std::string_view meant;
  } cases[] = {{"SCMP_ARCH_AMD64", "SCMP_ARCH_X86_64"}, {"x86_64", "SCMP_ARCH_X86_64"},
               {"amd64", "SCMP_ARCH_X86_64"},           {"arm64", "SCMP_ARCH_AARCH64"},
               {"386", "SCMP_ARCH_X86"},                {"scmp_arch_x32", "SCMP_ARCH_X32"},
               {"mips64", "SCMP_ARCH_MIPS64"},          {"SCMP_ARCH_X86_46", "SCMP_ARCH_X86_64"}};
  for (const auto& [said, meant] : cases) {
    const std::string text =
        fmt::format(R"({{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["{}"]}})", said);
    EXPECT_THAT(ErrorOf(text), HasSubstr(fmt::format("did you mean '{}'?", meant))) << said;
  }
}

TEST(ReadProfile, ANumberOfMoreThan64BitsIsNoFraction) {
  EXPECT_THAT(ErrorOf(WithRule(R"({"names": ["dup"], "action": "SCMP_ACT_ALLOW",
                                   "args": [{"index": 0, "value": 18446744073709551616, "op": "SCMP_CMP_EQ"}]})")),
              AllOf(HasSubstr("/syscalls/0/args/0/value: "),
                    HasSubstr("from 0 to 18446744073709551615, not a whole number of more than 64 bits")));
}

TEST(ReadProfile, AMissingFileNamesItsPath) {
  const auto document = ReadProfile("/nowhere/web.json");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(document.error().message, HasSubstr("/nowhere/web.json"));
}

TEST(ReadProfile, NamesThatNoArchitectureHasAreFoundWithASuggestion) {
  const auto document = Read(
      WithRule(R"({"names": ["newuname", "reed", "socketcall"], "action": "SCMP_ACT_ALLOW"})"), "p.json");
  ASSERT_TRUE(document);
  EXPECT_THAT(UnknownNames(*document),
              ElementsAre(AllOf(HasSubstr("'newuname'"), HasSubstr("did you mean 'uname'?")),
                          AllOf(HasSubstr("'reed'"), HasSubstr("'read'"))));
}

TEST(Target, VersionsAreFoundInWhatProgramsPrint) {
  EXPECT_EQ(ParseVersion("runc version 1.1.5+ds1")->Text(), "1.1.5");
  EXPECT_EQ(ParseVersion("6.18.44-rc2")->Text(), "6.18.44");
  EXPECT_EQ(ParseVersion("4.8")->Text(), "4.8.0");
  EXPECT_FALSE(ParseVersion("none"));
  EXPECT_FALSE(ParseVersion("12"));
}

TEST(Action, VerdictsAreSpelledAsSimulatePrintsThem) {
  EXPECT_EQ(VerdictText(Action::kErrno, 38), "ERRNO(38)");
  EXPECT_EQ(VerdictText(Action::kTrap, 0), "TRAP(0)");
  EXPECT_EQ(VerdictText(Action::kKillThread, 0), "KILL_THREAD");
  EXPECT_EQ(ActionOf(0x12340000), Action::kKillProcess);
  EXPECT_EQ(ActionOf(ReturnValue(Action::kTrace, 7)), Action::kTrace);
  EXPECT_EQ(ParseAction("SCMP_ACT_KILL"), Action::kKillThread);
}

}  // namespace
}  // namespace whittle::profile
