#include "syscalls/facts.h"

#include <gtest/gtest.h>

#include <algorithm>

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
}

TEST(Facts, AlternativesNameTwoCallsThatExistAndAReason) {
  for (const auto rows : {Equivalents(), Detours()}) {
    EXPECT_FALSE(rows.empty());
    for (const auto& row : rows) {
      EXPECT_TRUE(IsSyscallName(row.call)) << row.call;
      EXPECT_TRUE(IsSyscallName(row.also)) << row.also;
      EXPECT_NE(row.call, row.also);
      EXPECT_FALSE(row.reason.empty()) << row.call;
    }
  }
}

}  // namespace
}  // namespace whittle
