#include "advise/allow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "filter/call_text.h"

namespace whittle::advise {
namespace {

using profile::Action;
using testing::HasSubstr;
using testing::IsEmpty;

RefusedCall Refused(const char* call, uint16_t words = 3, int error = EPERM) {
  return {*filter::ParseCall(call, Abi::kX86_64), Action::kErrno, words, error, 1, true};
}

TEST(AllowanceFor, ACallThatItsNumberRefusedIsAllowedByName) {
  const auto allowance = AllowanceFor(Refused("mkdir(0x7f00, 493)"));
  EXPECT_EQ(allowance.wanted, "make a directory");
  EXPECT_EQ(allowance.rule, R"({"names":["mkdir"],"action":"SCMP_ACT_ALLOW"})");
  EXPECT_THAT(allowance.note, HasSubstr("without effect beside a rule of the profile that refuses mkdir"));
}

InForce ProfileOf(std::string_view text) {
  auto document = profile::Read(text, "p.json");
  EXPECT_TRUE(document) << document.error().message;
  return {document ? *document : profile::Document{}, {}};
}

TEST(AllowanceFor, WithTheProfileOnlyWhatWorksIsAdvised) {
  const auto plain = ProfileOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_ALLOW"}]})");
  EXPECT_EQ(AllowanceFor(Refused("kill(1, 9)"), &plain).note, "");
  EXPECT_THAT(AllowanceFor(Refused("kill(1, 9)"), &plain).rule, HasSubstr("kill"));

  const auto denied = ProfileOf(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
      {"names": ["kill"], "action": "SCMP_ACT_KILL"}]})");
  EXPECT_THAT(AllowanceFor(Refused("kill(1, 9)"), &denied).note,
              HasSubstr("take kill out of rule 1 (p.json:3)"));
  EXPECT_THAT(AllowanceFor(Refused("kill(1, 9)"), &denied).rule, HasSubstr("kill"));

  const auto open = ProfileOf(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
      {"names": ["kill"], "action": "SCMP_ACT_ERRNO"}]})");
  EXPECT_THAT(AllowanceFor(Refused("kill(1, 9)"), &open).note, HasSubstr("take kill out of rule 0"));
  EXPECT_THAT(AllowanceFor(Refused("kill(1, 9)"), &open).rule, IsEmpty());
}

TEST(AllowanceFor, AnotherFilterThanTheProfilesIsToldApart) {
  const auto open = ProfileOf(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_ERRNO"}]})");
  EXPECT_THAT(AllowanceFor(Refused("kill(1, 9)"), &open).note, HasSubstr("another filter refused it"));
  EXPECT_THAT(AllowanceFor(Refused("kill(1, 9)"), &open).rule, IsEmpty());
}

TEST(AllowanceFor, OfTheRuntimesOwnCallsItIsSaidWhetherItStartsWithout) {
  auto refused = Refused("getppid");
  EXPECT_THAT(AllowanceFor(refused).matters, HasSubstr("perhaps"));
  refused.runtime = "runc";
  EXPECT_THAT(AllowanceFor(refused).matters,
              HasSubstr("yes: runc itself cannot start a container without it"));
  EXPECT_THAT(AllowanceFor(refused).matters, HasSubstr("made in 250 of 250 starts"));
  refused.call = Refused("getpid").call;
  EXPECT_THAT(AllowanceFor(refused).matters, HasSubstr("hardly: runc itself starts"));
  refused.call = Refused("mount").call;
  EXPECT_THAT(AllowanceFor(refused).matters, HasSubstr("perhaps"));
}

TEST(AllowanceFor, AnArgumentThatDecidedIsPartOfTheRule) {
  const auto whole = AllowanceFor(Refused("socket(16, 3, 0)", 3 | 3 << 4));
  EXPECT_EQ(
      whole.rule,
      R"({"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":16,"op":"SCMP_CMP_EQ"}]})");
  const auto low = AllowanceFor(Refused("socket(16, 3, 0)", 3 | 1 << 6));
  EXPECT_EQ(
      low.rule,
      R"({"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":4294967295,"valueTwo":3,"op":"SCMP_CMP_MASKED_EQ"}]})");
}

TEST(AllowanceFor, WhatNoRuleCanDoIsSaid) {
  const auto nameless = AllowanceFor(Refused("#900"));
  EXPECT_THAT(nameless.rule, IsEmpty());
  EXPECT_THAT(nameless.note, HasSubstr("no profile can allow it"));
  const auto whole_abi = AllowanceFor(Refused("i386 getpid", 1 << 1));
  EXPECT_THAT(whole_abi.rule, IsEmpty());
  EXPECT_THAT(whole_abi.note, HasSubstr("SCMP_ARCH_X86"));
  auto stacked = Refused("x32 mkdir");
  stacked.filters = 2;
  EXPECT_THAT(AllowanceFor(stacked).note, HasSubstr("SCMP_ARCH_X32"));
  EXPECT_THAT(AllowanceFor(stacked).note, HasSubstr("the others may refuse it"));
}

TEST(AllowanceFor, WhetherItMattersFollowsFromTheOutcome) {
  EXPECT_THAT(AllowanceFor(Refused("clone3", 3, ENOSYS)).matters, HasSubstr("hardly"));
  EXPECT_THAT(AllowanceFor(Refused("clone3", 3, EPERM)).matters, HasSubstr("likely"));
  EXPECT_THAT(AllowanceFor(Refused("mount", 3, EPERM)).matters, HasSubstr("perhaps"));
  auto killed = Refused("mount", 3, 0);
  killed.action = Action::kKillProcess;
  EXPECT_THAT(AllowanceFor(killed).matters, HasSubstr("yes"));
  killed.action = Action::kLog;
  EXPECT_THAT(AllowanceFor(killed).matters, HasSubstr("not now"));
}

TEST(AllowanceFor, RiskSaysWhatTheCallGivesAnAttacker) {
  EXPECT_THAT(AllowanceFor(Refused("bpf")).risk, HasSubstr("3 of 3"));
  EXPECT_THAT(AllowanceFor(Refused("bpf")).risk, HasSubstr("published flaw"));
  EXPECT_THAT(AllowanceFor(Refused("getpid")).risk, HasSubstr("0 of 3"));
}

}  // namespace
}  // namespace whittle::advise
