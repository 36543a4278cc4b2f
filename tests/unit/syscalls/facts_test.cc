#include "syscalls/facts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "syscalls/abi.h"
#include "syscalls/constants.h"
#include "syscalls/purpose.h"
#include "syscalls/table.h"

namespace whittle {
namespace {

TEST(Facts, EveryCallHasOneOfTheGroups) {
  for (const auto name : AllSyscallNames()) {
    EXPECT_NE(std::ranges::find(SyscallGroups(), SyscallGroup(name)), SyscallGroups().end()) << name;
  }
  EXPECT_EQ(SyscallGroup("sendto"), "network");
  EXPECT_EQ(SyscallGroup("zzz"), "administration");
}

TEST(Facts, RisksHaveALevelAndAReason) {
  size_t noted = 0;
  for (const auto name : AllSyscallNames()) {
    const auto risk = SyscallRisk(name);
    if (!risk) continue;
    ++noted;
    EXPECT_GE(risk->level, 1) << name;
    EXPECT_LE(risk->level, 3) << name;
    EXPECT_FALSE(risk->reason.empty()) << name;
  }
  EXPECT_GT(noted, 80u);
  EXPECT_FALSE(SyscallRisk("getpid"));
}

TEST(Facts, CvePairsNameCallsThatExist) {
  EXPECT_FALSE(CvePairs().empty());
  for (const auto& pair : CvePairs()) {
    EXPECT_TRUE(IsSyscallName(pair.call)) << pair.cve;
    EXPECT_TRUE(pair.cve.starts_with("CVE-")) << pair.cve;
  }
  EXPECT_EQ(CvePairsOf("unshare").size(), 21u);
  EXPECT_TRUE(CvePairsOf("getpid").empty());
}

TEST(Facts, CvePairsNeedArgumentsThatHaveAName) {
  for (const auto& pair : CvePairs()) {
    if (pair.argument.empty() || pair.argument == kNeedsNamespaces || pair.argument == kNeedsMemory) continue;
    const auto named = ValuesOfArgument(Abi::kX86_64, pair.call, 0);
    ASSERT_TRUE(named) << pair.cve;
    EXPECT_NE(std::ranges::find(named->values, pair.argument, &NamedValue::name), named->values.end())
        << pair.cve << " " << pair.argument;
  }
}

TEST(Facts, CapabilitiesAndStartNeedsAreOfCallsThatExist) {
  EXPECT_EQ(SyscallCapability("mount"), "CAP_SYS_ADMIN");
  EXPECT_EQ(SyscallCapability("getpid"), "");
  EXPECT_FALSE(StartNeeds().empty());
  for (const auto& need : StartNeeds()) {
    EXPECT_TRUE(need.programs == "every" || need.programs == "dynamic") << need.step;
    for (const auto call : Split(need.calls, ' ')) EXPECT_TRUE(IsSyscallName(call)) << call;
  }
}

template <typename Row>
void ExpectTwoCallsAndAReason(const Row& row) {
  EXPECT_TRUE(row.call.empty() || IsSyscallName(row.call)) << row.call;
  EXPECT_TRUE(IsSyscallName(row.also)) << row.also;
  EXPECT_NE(row.call, row.also);
  EXPECT_FALSE(row.reason.empty()) << row.call;
}

TEST(Facts, AlternativesNameTwoCallsThatExistAndAReason) {
  EXPECT_FALSE(Detours().empty());
  for (const auto& row : Detours()) ExpectTwoCallsAndAReason(row);
  EXPECT_TRUE(RingDoes("splice"));
  EXPECT_FALSE(RingDoes("ptrace"));
  for (const auto& row : Detours()) EXPECT_TRUE(row.also != kRing || !row.back) << row.call;
}

TEST(Facts, EquivalentsNameAbisThatHaveTheCall) {
  EXPECT_FALSE(Equivalents().empty());
  for (const auto& row : Equivalents()) {
    ExpectTwoCallsAndAReason(row);
    if (row.abis == "all" || row.abis == "32" || row.abis == "64") continue;
    for (const auto name : Split(row.abis, ' ')) {
      const auto abi = ParseAbi(name);
      ASSERT_TRUE(abi) << name;
      EXPECT_TRUE(SyscallNumber(*abi, row.also)) << row.also << " on " << name;
    }
  }
}

TEST(Facts, WhatProgramsDoWithoutIsNamedOnce) {
  EXPECT_FALSE(Dispensables().empty());
  for (const auto& row : Dispensables()) {
    EXPECT_TRUE(SyscallNumber(row.abi, row.call)) << row.call;
    EXPECT_TRUE(row.answer == "EPERM" || row.answer == "ENOSYS") << row.answer;
    EXPECT_FALSE(row.program.empty() || row.program.contains('/')) << row.program;
    EXPECT_FALSE(row.measured.empty()) << row.call;
    for (const auto* names : {&row.instead, &row.moot}) {
      for (const auto name : *names) EXPECT_TRUE(SyscallNumber(row.abi, name)) << name;
    }
    const std::string path = "/any/where/" + std::string(row.program);
    EXPECT_EQ(DispensableFor(row.call, path, row.abi, row.error), &row) << row.call << " " << row.program;
    EXPECT_EQ(DispensableFor(row.call, path, Abi::kAarch64, row.error), nullptr);
    EXPECT_EQ(DispensableFor(row.call, path + "x", row.abi, row.error), nullptr);
    EXPECT_EQ(DispensableFor(row.call, path, row.abi, 0), nullptr);
  }
  EXPECT_EQ(DispensableFor("pkey_alloc", "node", Abi::kX86_64, 1)->answer, "EPERM");
}

// What can do more than the call is never allowed in its place.
TEST(Facts, Clone3IsNoCallsEquivalentOfTheSamePower) {
  for (const auto& row : Equivalents()) EXPECT_EQ(row.same_power, row.also != "clone3") << row.call;
}

}  // namespace
}  // namespace whittle
