#include "advise/call_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "profile/catalogue.h"

namespace whittle::advise {
namespace {

CallFacts Facts(std::string_view name, Abi abi = Abi::kX86_64) {
  profile::Target target;
  target.arch = abi;
  auto facts = FactsOfCall(name, target);
  EXPECT_TRUE(facts) << facts.error().message;
  return facts ? *facts : CallFacts{};
}

TEST(CallFacts, NumbersOfEveryAbi) {
  const auto facts = Facts("open");
  EXPECT_EQ(facts.numbers.size() + facts.absent.size(), kAbiCount);
  EXPECT_EQ(facts.numbers[0].abi, Abi::kX86_64);
  EXPECT_EQ(facts.numbers[0].number, 2u);
  EXPECT_THAT(facts.absent, testing::Contains(Abi::kAarch64));
}

TEST(CallFacts, ArgumentsOfTheTargetsAbi) {
  const auto facts = Facts("socket");
  ASSERT_EQ(facts.arguments.size(), 3u);
  EXPECT_EQ(facts.arguments[0].kind, ArgumentKind::kInt);
  ASSERT_TRUE(facts.arguments[0].named);
  EXPECT_FALSE(facts.arguments[0].named->flags);
  EXPECT_NE(std::ranges::find(facts.arguments[0].named->values, "AF_PACKET", &NamedValue::name),
            facts.arguments[0].named->values.end());
  EXPECT_TRUE(Facts("open", Abi::kAarch64).arguments.empty());
}

TEST(CallFacts, WhoNeedsIt) {
  const auto capset = Facts("capset");
  const auto runc = std::ranges::find_if(
      capset.runtimes, [](const auto& use) { return use.runtime == "runc 1.1.5" && use.phase == "start"; });
  ASSERT_NE(runc, capset.runtimes.end());
  EXPECT_EQ(runc->need, optimize::Need::kNeeded);
  EXPECT_EQ(Facts("mprotect").start_needs.size(), 1u);
  const auto clone = Facts("clone");
  EXPECT_NE(std::ranges::find(clone.fallback_of, "clone3", &OtherWay::call), clone.fallback_of.end());
  EXPECT_EQ(Facts("clone3").fallback->also, "clone");
  EXPECT_TRUE(Facts("lookup_dcookie").runtimes.empty());
}

TEST(CallFacts, WhatARecordingCanMissIsToldOfEveryRow) {
  size_t told = 0;
  std::set<std::string_view> calls;
  for (const auto& row : optimize::Essentials()) calls.insert(row.call);
  for (const auto call : calls) told += Facts(call).essentials.size();
  EXPECT_EQ(told, optimize::Essentials().size());
  EXPECT_EQ(Facts("futex").essentials.size(), 2u);
  EXPECT_EQ(Facts("rt_sigreturn").essentials[0].seen, optimize::kAnyProgram);
  EXPECT_TRUE(Facts("bpf").essentials.empty());
}

TEST(CallFacts, OtherWaysAreToldOfBoth) {
  const auto names = [](const std::vector<OtherWay>& ways) {
    std::vector<std::string_view> calls;
    for (const auto& way : ways) calls.push_back(way.call);
    return calls;
  };
  EXPECT_THAT(names(Facts("accept").equivalents), testing::Contains("accept4"));
  EXPECT_THAT(names(Facts("accept4").equivalents), testing::Contains("accept"));
  EXPECT_THAT(names(Facts("chmod").detours), testing::Contains("fchmod"));
  EXPECT_THAT(names(Facts("fchmod").detours), testing::Contains("chmod"));
}

TEST(CallFacts, WhatCanBeDoneWithItAndWhoAllowsIt) {
  const auto facts = Facts("kexec_load");
  EXPECT_EQ(facts.risk->level, 3);
  EXPECT_EQ(facts.capability, "CAP_SYS_BOOT");
  EXPECT_EQ(facts.catalogue.size(), profile::Catalogue().size());
  for (const auto& row : facts.catalogue) {
    const bool refuses = row.answer.kind == optimize::Answer::Kind::kRefused;
    const std::set<std::string_view> open = {"audit", "complain", "allow-all"};
    EXPECT_EQ(refuses, !open.contains(row.profile)) << row.profile;
  }
}

}  // namespace
}  // namespace whittle::advise
