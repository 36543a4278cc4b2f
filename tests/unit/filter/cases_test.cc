// The tables of verdicts under tests/cases: one line, one answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/explain.h"
#include "filter/lower.h"
#include "filter/meaning.h"
#include "verdict_cases.h"

namespace whittle::filter {
namespace {

using profile::Target;

// What the profiles of a case, stacked, answer.
std::string AnswerOf(const std::vector<profile::Document>& documents, const Target& target,
                     const NumberedCall& question) {
  const Call& call = question.call;
  std::vector<Program> programs;
  for (const auto& document : documents) {
    const auto compiled = Compile(document, target);
    if (!compiled) return compiled.error().message;
    if (compiled->state == Compiled::State::kRefused) return "REFUSED";
    if (question.asks == NumberedCall::Asks::kLoad) return "OK";
    if (compiled->state == Compiled::State::kUnconfined) return "UNCONFINED";
    const auto explained = Explain(document, target, call);
    if (!explained) return explained.error().message;
    programs.push_back(compiled->program);
  }
  const Verdict verdict = EvaluateStacked(programs, call);
  return profile::VerdictText(verdict.action, verdict.data);
}

TEST(Cases, EveryLineOfTheTableGetsItsVerdict) {
  const auto cases = testing::ReadVerdictCases();
  ASSERT_TRUE(cases) << cases.error().message;
  for (const auto& line : *cases) {
    EXPECT_EQ(AnswerOf(line.documents, line.target, line.question), line.answer) << line.place;
  }
  EXPECT_GT(cases->size(), 100u);
}

TEST(Compile, AFilterThatTheKernelWouldNotTakeIsRefusedWithItsSizeAndTheRuleToShrink) {
  profile::Document document;
  document.file = "big.json";
  document.rules.emplace_back().names = {"ioctl"};
  document.rules.back().at = {7, 3};
  for (uint64_t value = 0; value < 6000; ++value) {
    document.rules.back().conditions.push_back({1, profile::Operator::kEqual, 3 * value, 0});
  }
  const auto compiled = Compile(document, Target{});
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(compiled.error().message, ::testing::HasSubstr("at most 4096"));
  EXPECT_THAT(compiled.error().message, ::testing::StartsWith("big.json:7:3: /syscalls/0/args: "));
  EXPECT_THAT(compiled.error().message,
              ::testing::HasSubstr("6000 different rules with conditions for ioctl on x86_64"));
  EXPECT_THAT(compiled.error().message, ::testing::EndsWith(": shrink its 6000 conditions"));
}

// ioctl with so many values, between other rules.
profile::Document WithValues(size_t count) {
  profile::Document document;
  document.file = "values.json";
  document.rules.emplace_back().names = {"read", "exit_group"};
  document.rules.emplace_back().names = {"ioctl"};
  for (uint64_t value = 0; value < count; ++value) {
    document.rules.back().conditions.push_back({1, profile::Operator::kEqual, 7 * value + 1, 0});
  }
  document.rules.emplace_back().names = {"write"};
  return document;
}

TEST(Compile, AListOfValuesIsLaidOutMoreTightlyWhereItWouldElseNotFit) {
  Target target;
  target.loader = profile::Loader::kOci;
  const auto document = WithValues(3500);
  const Meaning meaning = MeaningOf(document, target);
  EXPECT_GT(Lower(meaning, PassSet::All()).size(), kMaxInstructions);
  const auto compiled = Compile(document, target);
  ASSERT_TRUE(compiled) << compiled.error().message;
  for (uint64_t value = 0; value < 7 * 3500 + 100; ++value) {
    const Call call{Abi::kX86_64, 16, {0, value}};
    ASSERT_EQ(Evaluate(compiled->program, call).action, Decide(meaning, call).action) << value;
  }
}

TEST(Compile, SaysWhereTheRuntimesFilterWouldBeTooLongThoughOursIsNot) {
  Target target;
  target.loader = profile::Loader::kOci;
  profile::Document document;
  document.file = "grid.json";
  for (uint64_t pair = 0; pair < 2 * 50 * 50; ++pair) {
    document.rules.emplace_back().names = {pair % 2 == 0 ? "ioctl" : "prctl"};
    document.rules.back().conditions = {{0, profile::Operator::kEqual, pair % 100, 0},
                                        {1, profile::Operator::kEqual, pair / 100, 0}};
  }
  const auto compiled = Compile(document, target);
  ASSERT_TRUE(compiled) << compiled.error().message;
  EXPECT_LT(compiled->program.size(), 1000u);
  EXPECT_THAT(compiled->warnings,
              ::testing::ElementsAre(::testing::ContainsRegex(
                  "grid.json: /syscalls/0: libseccomp, which runc uses, makes about [0-9]+ instructions.*"
                  "'ioctl' has 2500 rules with 5000 conditions, of which this is the first")));
  target.runtime = profile::Runtime::kNone;
  EXPECT_THAT(Compile(document, target)->warnings, ::testing::IsEmpty());
  target.runtime = profile::Runtime::kRunc;
  EXPECT_THAT(Compile(WithValues(100), target)->warnings, ::testing::IsEmpty());
}

TEST(Compile, ManyValuesOfOneArgumentCostFewSteps) {
  profile::Document document;
  document.rules.emplace_back().names = {"ioctl"};
  for (uint64_t value = 0; value < 2000; ++value) {
    document.rules.back().conditions.push_back({1, profile::Operator::kEqual, 7 * value + 1, 0});
  }
  const auto compiled = Compile(document, Target{});
  ASSERT_TRUE(compiled) << compiled.error().message;
  const Verdict hit = Evaluate(compiled->program, {Abi::kX86_64, 16, {0, 7 * 1234 + 1}});
  EXPECT_EQ(hit.action, profile::Action::kAllow);
  EXPECT_LT(hit.steps, 40u);
}

TEST(Compile, DockersDefaultIsSmallAndHotCallsTakeFewSteps) {
  Target target;
  target.capabilities = profile::DefaultCapabilities();
  const auto document = profile::ReadProfile("docker-default");
  ASSERT_TRUE(document);
  const auto compiled = Compile(*document, target);
  ASSERT_TRUE(compiled);
  EXPECT_LT(compiled->program.size(), 300u);
  for (const char* hot : {"read", "write", "futex", "epoll_wait", "recvfrom"}) {
    const auto call = ParseCall(hot, Abi::kX86_64);
    const Verdict verdict = Evaluate(compiled->program, *call);
    EXPECT_EQ(verdict.action, profile::Action::kAllow) << hot;
    EXPECT_LE(verdict.steps, 13u) << hot;
  }
}

TEST(CallText, CallsAreReadInEverySpellingAndNamedWhenWrong) {
  const auto calls =
      ParseCalls("# a comment\n\nx86 read\n  i386 openat(-100, 0x10) # why\n#257\nx32 #0(1)\nx86_64 #-1\n",
                 "c", Abi::kX86_64);
  ASSERT_TRUE(calls) << calls.error().message;
  ASSERT_EQ(calls->size(), 5u);
  EXPECT_EQ((*calls)[0].call.abi, Abi::kI386);
  EXPECT_EQ((*calls)[1].call.arguments[0], 0xffffff9cu);
  EXPECT_EQ((*calls)[2].call.number, 257u);
  EXPECT_EQ((*calls)[3].call.number, kX32Bit);
  EXPECT_EQ((*calls)[4].call.number, UINT32_MAX);
  EXPECT_EQ((*calls)[1].line, 4u);
  const auto error = [](std::string_view text) {
    const auto parsed = ParseCalls(text, "c.txt", Abi::kX86_64);
    return parsed ? std::string() : parsed.error().message;
  };
  EXPECT_THAT(error("read\nraed\n"),
              ::testing::HasSubstr("c.txt:2: x86_64 has no system call 'raed', did you mean"));
  EXPECT_THAT(error("socketcall(1)"), ::testing::HasSubstr("it exists on i386"));
  EXPECT_THAT(error("x87 read"), ::testing::HasSubstr("unknown ABI 'x87'"));
  EXPECT_THAT(error("read(1,2,3,4,5,6,7)"), ::testing::HasSubstr("at most 6"));
  EXPECT_THAT(error("read(x)"), ::testing::HasSubstr("'x' is no argument"));
  EXPECT_THAT(error("read(1"), ::testing::HasSubstr("')' is missing"));
  EXPECT_THAT(error("#99999999999"), ::testing::HasSubstr("no call number"));
}

}  // namespace
}  // namespace whittle::filter
