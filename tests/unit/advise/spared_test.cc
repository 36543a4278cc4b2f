#include "advise/spared.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profile/document.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

// All passes but what these rules name.
optimize::Judge JudgeOf(const std::string& rules) {
  const auto document =
      profile::Read(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [)" + rules + "]}", "p.json");
  EXPECT_TRUE(document) << document.error().message;
  auto judge = optimize::Judge::Create(*document, {});
  EXPECT_TRUE(judge) << judge.error().message;
  return std::move(*judge);
}

std::string Rule(std::string_view call, const std::string& answer) {
  return R"({"names": [")" + std::string(call) + R"("], )" + answer + "}";
}

optimize::Judge Refusing(std::string_view call, const std::string& answer) {
  return JudgeOf(Rule(call, answer));
}

std::string Errno(uint32_t error) {
  return R"("action": "SCMP_ACT_ERRNO", "errnoRet": )" + std::to_string(error);
}

constexpr const char* kKill = R"("action": "SCMP_ACT_KILL_PROCESS")";

std::vector<Spared> SparedOfCalls(const optimize::Judge& judge, const std::string& executable,
                                  const std::vector<std::string_view>& calls) {
  evidence::Evidence evidence;
  auto& recording = evidence.recordings["r"];
  recording.epochs = 10;
  recording.epoch_ms = 1000;
  for (const auto call : calls) {
    evidence
        .subjects[{"web", executable, evidence::Arrival::kWorkload}]
                 [{Abi::kX86_64, *SyscallNumber(Abi::kX86_64, call), evidence::Fate::kAllowed, false}]
        .epochs["r"]
        .Add(2, 5);
  }
  const auto verification = optimize::Verify(judge, {}, evidence);
  EXPECT_TRUE(verification) << verification.error().message;
  auto spared = SparedOf(*verification, judge);
  EXPECT_TRUE(spared) << spared.error().message;
  return *spared;
}

std::vector<Spared> SparedOfCall(const optimize::Judge& judge, const std::string& executable,
                                 std::string_view call) {
  return SparedOfCalls(judge, executable, {call});
}

TEST(Spared, OnlyTheProgramThatWasMeasuredWithTheAnswerThatItWasGiven) {
  const auto judge = Refusing("pkey_alloc", Errno(1));
  const auto spared = SparedOfCall(judge, "/usr/local/bin/node", "pkey_alloc");
  ASSERT_EQ(spared.size(), 1u);
  EXPECT_EQ(spared[0].fact->call, "pkey_alloc");
  EXPECT_EQ(spared[0].fact->answer, "EPERM");
  for (const auto* other : {"/usr/bin/app", "/usr/bin/nodejs", "/node/app", "?", ""})
    EXPECT_TRUE(SparedOfCall(judge, other, "pkey_alloc").empty()) << other;
  EXPECT_TRUE(SparedOfCall(Refusing("read", Errno(1)), "/usr/local/bin/node", "read").empty());
  for (const auto& answer : {Errno(13), std::string(kKill), std::string(R"("action": "SCMP_ACT_TRAP")")}) {
    EXPECT_TRUE(SparedOfCall(Refusing("pkey_alloc", answer), "/usr/bin/node", "pkey_alloc").empty())
        << answer;
  }
}

// Refused for some arguments only was not measured.
TEST(Spared, WhatDependsOnArgumentsIsNot) {
  const auto judge =
      Refusing("pkey_alloc", Errno(1) + R"(, "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}])");
  EXPECT_TRUE(SparedOfCall(judge, "/usr/bin/node", "pkey_alloc").empty());
}

TEST(Spared, WhatIsCalledInsteadHasToPass) {
  size_t tried = 0;
  for (const auto& fact : Dispensables()) {
    const std::string executable = "/usr/bin/" + std::string(fact.program);
    const auto only = Refusing(fact.call, Errno(fact.error));
    EXPECT_EQ(SparedOfCall(only, executable, fact.call).size(), 1u) << fact.call << " " << fact.program;
    for (const auto& instead : fact.instead) {
      ++tried;
      const auto both =
          Refusing(std::string(fact.call) + R"(", ")" + std::string(instead), Errno(fact.error));
      EXPECT_TRUE(SparedOfCall(both, executable, fact.call).empty()) << fact.call << " " << instead;
    }
  }
  EXPECT_GT(tried, 0u);
}

// Whatever it would be answered: it is not called.
TEST(Spared, WhatIsMootIsSparedWithItsCauseOnly) {
  size_t tried = 0;
  for (const auto& fact : Dispensables()) {
    const std::string executable = "/usr/bin/" + std::string(fact.program);
    for (const auto moot : fact.moot) {
      ++tried;
      const auto both = JudgeOf(Rule(fact.call, Errno(fact.error)) + ", " + Rule(moot, kKill));
      const auto spared = SparedOfCalls(both, executable, {fact.call, moot});
      ASSERT_EQ(spared.size(), 2u) << fact.call << " " << moot;
      EXPECT_EQ(spared[1].call, moot);
      EXPECT_TRUE(spared[1].is_moot());
      EXPECT_FALSE(spared[0].is_moot());
      EXPECT_TRUE(SparedOfCalls(Refusing(moot, kKill), executable, {fact.call, moot}).empty()) << moot;
      EXPECT_EQ(SparedOfCalls(both, "/usr/bin/other", {fact.call, moot}).size(), 0u);
      const auto killed = JudgeOf(Rule(fact.call, kKill) + ", " + Rule(moot, kKill));
      EXPECT_TRUE(SparedOfCalls(killed, executable, {fact.call, moot}).empty()) << fact.call;
    }
  }
  EXPECT_GT(tried, 0u);
}

}  // namespace
}  // namespace whittle::advise
