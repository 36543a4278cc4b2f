// All answers to a call with unknown arguments, held against running the filter.
#include "prove/outcomes.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>

#include "../filter/random_document.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "prove/answers.h"
#include "random_program.h"
#include "syscalls/table.h"

namespace whittle::prove {
namespace {

using filter::Call;
using filter::Program;
using profile::Action;
using ::testing::ElementsAre;

std::vector<std::string> Answers(const Outcomes& outcomes) {
  std::vector<std::string> answers;
  for (const auto& outcome : outcomes.possible)
    answers.push_back(profile::VerdictText(outcome.action, outcome.data));
  return answers;
}

Program Compiled(std::string_view json) {
  profile::Target target;
  target.runtime = profile::Runtime::kNone;
  const auto document = profile::Read(json, "test.json", profile::Reading::kAsRuntimes);
  EXPECT_TRUE(document) << document.error().message;
  return filter::Compile(*document, target)->program;
}

Oracle OracleOf(const std::vector<Program>& programs, size_t node_budget = Oracle::kUsualBudget) {
  auto oracle = Oracle::Create(programs, node_budget);
  EXPECT_TRUE(oracle) << oracle.error().message;
  return std::move(*oracle);
}

Outcomes Ask(const Program& program, std::string_view name, Abi abi = Abi::kX86_64) {
  return OracleOf({program}).Of(abi, *SyscallNumber(abi, name));
}

// As anyone sees it: an errno is at most 4095.
std::string Seen(const std::vector<Program>& programs, const Call& call) {
  const auto verdict = filter::EvaluateStacked(programs, call);
  const uint32_t value = Canonical(profile::ReturnValue(verdict.action, verdict.data));
  return profile::VerdictText(profile::ActionOf(value), static_cast<uint16_t>(value & 0xffff));
}

// Every example gets its answer, no call gets an answer that is missing, and words that are not named do not
// matter.
void ExpectRight(const std::vector<Program>& programs, const Outcomes& outcomes,
                 const std::vector<Call>& calls) {
  std::set<std::string> known;
  for (const auto& outcome : outcomes.possible) {
    const std::string answer = profile::VerdictText(outcome.action, outcome.data);
    ASSERT_TRUE(known.insert(answer).second) << answer << " stands twice";
    ASSERT_EQ(Seen(programs, outcome.example), answer) << filter::CallText(outcome.example);
  }
  for (const auto& call : calls) {
    const std::string answer = Seen(programs, call);
    ASSERT_TRUE(known.contains(answer) || outcomes.more) << filter::CallText(call) << " gets " << answer;
    Call other = call;
    for (size_t i = 0; i < 6; ++i)
      if ((outcomes.words >> (4 + 2 * i) & 3) == 0) other.arguments[i] ^= calls.front().arguments[i] | 1;
    ASSERT_EQ(Seen(programs, other), answer) << filter::CallText(other);
  }
}

TEST(Outcomes, WithoutFiltersEverythingIsAllowed) {
  const auto outcomes = OracleOf({}).Of(Abi::kX86_64, 0);
  EXPECT_TRUE(outcomes.always());
  EXPECT_TRUE(outcomes.decided);
  EXPECT_EQ(outcomes.possible[0].action, Action::kAllow);
}

TEST(Outcomes, ACallWithoutConditionsHasOneAnswer) {
  const auto program = Compiled(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_ALLOW"}]})");
  EXPECT_THAT(Answers(Ask(program, "read")), ElementsAre("ALLOW"));
  EXPECT_TRUE(Ask(program, "write").always());
  EXPECT_EQ(Ask(program, "write").words, 0);
}

TEST(Outcomes, ConditionsAreToldWithTheirArguments) {
  const auto program = Compiled(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
       "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
      {"names": ["kcmp"], "action": "SCMP_ACT_ALLOW",
       "args": [{"index": 2, "value": 3, "op": "SCMP_CMP_EQ"}, {"index": 4, "value": 4294967296, "op": "SCMP_CMP_GE"}]}]})");
  const auto clone = Ask(program, "clone");
  EXPECT_THAT(Answers(clone), ElementsAre("ERRNO(1)", "ALLOW"));
  EXPECT_EQ(WordsText(clone.words), "args[0]");
  EXPECT_TRUE(clone.decided);
  EXPECT_NE(clone.possible[0].example.arguments[0] & 2114060288, 0u);
  EXPECT_EQ(clone.possible[1].example.arguments[0] & 2114060288, 0u);
  const auto kcmp = Ask(program, "kcmp");
  EXPECT_EQ(WordsText(kcmp.words), "args[2] and args[4]");
  EXPECT_EQ(kcmp.possible[1].example.arguments[2], 3u);
  EXPECT_GE(kcmp.possible[1].example.arguments[4], 4294967296u);
}

TEST(Outcomes, WhatIsKnownOfAnArgumentLeavesFewerAnswers) {
  const auto program = Compiled(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
       "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
      {"names": ["clone"], "action": "SCMP_ACT_LOG", "args": [{"index": 1, "value": 7, "op": "SCMP_CMP_EQ"}]}]})");
  const Oracle oracle = OracleOf({program});
  const auto ask = [&](uint64_t mask, Known::How how) {
    return oracle.Of(Abi::kX86_64, *SyscallNumber(Abi::kX86_64, "clone"), std::array{Known{0, mask, how}});
  };
  EXPECT_THAT(Answers(ask(2114060288, Known::How::kHasNoneOf)), ElementsAre("LOG", "ALLOW"));
  const auto some = ask(2114060288, Known::How::kHasSomeOf);
  EXPECT_THAT(Answers(some), ElementsAre("ERRNO(1)", "LOG"));
  EXPECT_NE(some.possible[0].example.arguments[0] & 2114060288, 0u);
  EXPECT_THAT(Answers(ask(uint64_t{1} << 40, Known::How::kHasNoneOf)),
              ElementsAre("ERRNO(1)", "LOG", "ALLOW"));
}

TEST(Outcomes, WhatIsKnownOfAnArgumentMayBeAllOfIt) {
  const auto program = Compiled(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["kcmp"], "action": "SCMP_ACT_ALLOW", "args": [
        {"index": 2, "value": 3, "op": "SCMP_CMP_EQ"}, {"index": 4, "value": 4294967296, "op": "SCMP_CMP_GE"}]}]})");
  const Oracle oracle = OracleOf({program});
  const auto ask = [&](std::vector<Known> known) {
    return oracle.Of(Abi::kX86_64, *SyscallNumber(Abi::kX86_64, "kcmp"), known);
  };
  EXPECT_THAT(Answers(ask({{2, 4}})), ElementsAre("ERRNO(1)"));
  const auto open = ask({{2, 3}});
  EXPECT_THAT(Answers(open), ElementsAre("ERRNO(1)", "ALLOW"));
  EXPECT_EQ(WordsText(open.words), "args[4]");
  EXPECT_EQ(open.possible[0].example.arguments[2], 3u);
  EXPECT_THAT(Answers(ask({{2, 3}, {4, uint64_t{5} << 32}})), ElementsAre("ALLOW"));
  EXPECT_THAT(Answers(ask({{2, 3}, {4, UINT32_MAX}})), ElementsAre("ERRNO(1)"));
}

// Sixty rules on pairs of arguments are too much for a diagram; other calls are not.
TEST(Outcomes, OneHardCallDoesNotHideTheOthers) {
  std::mt19937_64 random(1);
  std::string rules = R"({"names": ["read"], "action": "SCMP_ACT_ALLOW"})";
  for (int i = 0; i < 60; ++i) {
    const auto first = random() % 6;
    const auto second = (first + 1 + random() % 5) % 6;
    rules += fmt::format(R"(, {{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "args": [
        {{"index": {}, "value": {}, "op": "SCMP_CMP_EQ"}}, {{"index": {}, "value": {}, "op": "SCMP_CMP_EQ"}}]}})",
                         first, random(), second, random());
  }
  const auto program = Compiled(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [)" + rules + "]}");
  const Oracle oracle = OracleOf({program}, 100'000);
  const auto ask = [&](std::string_view name) {
    return oracle.Of(Abi::kX86_64, *SyscallNumber(Abi::kX86_64, name));
  };
  EXPECT_FALSE(ask("bpf").decided);
  EXPECT_EQ(PassageOf(ask("bpf")), Passage::kDepends);
  EXPECT_EQ(PassageOf(ask("read")), Passage::kAllowed);
  EXPECT_EQ(PassageOf(ask("write")), Passage::kBlocked);
}

TEST(Outcomes, AConditionThatCannotHoldIsNoAnswer) {
  // args[0] == 5, then args[0] >= 6: the second way is closed.
  const Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 16}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 5},
                           {BPF_JMP | BPF_JGE | BPF_K, 0, 1, 6}, {BPF_RET | BPF_K, 0, 0, 0},
                           {BPF_RET | BPF_K, 0, 0, 0x50001},     {BPF_RET | BPF_K, 0, 0, 0x7fff0000}};
  const auto outcomes = Ask(program, "read");
  EXPECT_THAT(Answers(outcomes), ElementsAre("ERRNO(1)", "ALLOW"));
  EXPECT_TRUE(outcomes.decided);
}

TEST(Outcomes, ATestWhoseWaysMeetAgainDecidesNothing) {
  const Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},
                           {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 5},
                           {BPF_LD | BPF_IMM, 0, 0, 7},
                           {BPF_RET | BPF_K, 0, 0, 0x7fff0000}};
  const auto outcomes = Ask(program, "read");
  EXPECT_TRUE(outcomes.always());
  EXPECT_EQ(outcomes.words, 0);
}

TEST(Outcomes, StackedFiltersSayWhichOfThemDecides) {
  const auto inner = Compiled(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
      {"names": ["getpgid", "getsid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 9}]})");
  const auto outer = Compiled(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
      {"names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5},
      {"names": ["getsid"], "action": "SCMP_ACT_LOG"}]})");
  const std::vector<Program> programs = {outer, inner};
  const auto both = OracleOf(programs).Of(Abi::kX86_64, *SyscallNumber(Abi::kX86_64, "getpgid"));
  EXPECT_THAT(Answers(both), ElementsAre("ERRNO(9)"));
  EXPECT_EQ(both.possible[0].decider, 1u);
  const auto logged = OracleOf(programs).Of(Abi::kX86_64, *SyscallNumber(Abi::kX86_64, "getsid"));
  EXPECT_THAT(Answers(logged), ElementsAre("ERRNO(9)"));
}

TEST(Outcomes, TheHighHalvesOfI386RegistersReachAFilter) {
  // args[0].high == 0 ? ALLOW : ERRNO(77). Measured: int 0x80 in a 64-bit program with a high bit gets -77.
  const Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 20},
                           {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0},
                           {BPF_RET | BPF_K, 0, 0, 0x7fff0000},
                           {BPF_RET | BPF_K, 0, 0, 0x5004d}};
  EXPECT_THAT(Answers(Ask(program, "read", Abi::kI386)), ElementsAre("ERRNO(77)", "ALLOW"));
}

TEST(Outcomes, ComputedReturnsAreTakenApart) {
  // return (args[0].low & 3) | ERRNO
  const Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},
                           {BPF_ALU | BPF_AND | BPF_K, 0, 0, 3},
                           {BPF_ALU | BPF_OR | BPF_K, 0, 0, 0x50000},
                           {BPF_RET | BPF_A, 0, 0, 0}};
  const auto outcomes = Ask(program, "read");
  EXPECT_THAT(Answers(outcomes), ElementsAre("ERRNO(0)", "ERRNO(1)", "ERRNO(2)", "ERRNO(3)"));
  EXPECT_TRUE(outcomes.decided);
}

TEST(Outcomes, ADivisionByAnArgumentMayKill) {
  const Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},
                           {BPF_MISC | BPF_TAX, 0, 0, 0},
                           {BPF_LD | BPF_IMM, 0, 0, 9},
                           {BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0},
                           {BPF_RET | BPF_K, 0, 0, 0x7fff0000}};
  EXPECT_THAT(Answers(Ask(program, "read")), ElementsAre("KILL_THREAD", "ALLOW"));
}

TEST(Outcomes, ManyIndependentTestsStayAffordable) {
  // Each word is tested many times and decides nothing until the last one: ways must be joined, not counted.
  Program program;
  for (uint32_t i = 0; i < 1000; ++i) {
    program.push_back({BPF_LD | BPF_W | BPF_ABS, 0, 0, 16 + 4 * (i % 10)});
    program.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, i});
    program.push_back({BPF_LD | BPF_IMM, 0, 0, 1});
  }
  program.push_back({BPF_LD | BPF_W | BPF_ABS, 0, 0, 60});
  program.push_back({BPF_JMP | BPF_JGT | BPF_K, 0, 1, 9});
  program.push_back({BPF_RET | BPF_K, 0, 0, 0x50001});
  program.push_back({BPF_RET | BPF_K, 0, 0, 0x7fff0000});
  const auto outcomes = Ask(program, "read");
  EXPECT_THAT(Answers(outcomes), ElementsAre("ERRNO(1)", "ALLOW"));
}

TEST(Outcomes, ALongListOfEqualitiesIsExact) {
  Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 16}};
  for (uint32_t i = 0; i < 2000; ++i) {
    program.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 3 * i});
    program.push_back({BPF_RET | BPF_K, 0, 0, 0x50000 | i % 100});
  }
  program.push_back({BPF_RET | BPF_K, 0, 0, 0x7fff0000});
  const auto outcomes = Ask(program, "read");
  EXPECT_EQ(outcomes.possible.size(), 101u);
  EXPECT_TRUE(outcomes.decided);
  EXPECT_EQ(WordsText(outcomes.words), "args[0]");
}

TEST(Outcomes, RandomDocumentsAreAnsweredExactly) {
  filter::testing::Generator generator(7);
  size_t asked = 0;
  for (int round = 0; round < 60; ++round) {
    const auto document = generator.Document(filter::testing::Language::kWhole);
    const auto compiled = filter::Compile(document, generator.Target());
    if (!compiled || compiled->state != filter::Compiled::State::kFiltered) continue;
    const std::vector<Program> programs = {compiled->program};
    const auto oracle = OracleOf(programs);
    std::map<std::pair<Abi, uint32_t>, std::vector<Call>> calls;
    for (const auto& call : generator.Calls(document, 400)) calls[{call.abi, call.number}].push_back(call);
    for (const auto& [key, some] : calls) {
      const auto outcomes = oracle.Of(key.first, key.second);
      ASSERT_TRUE(outcomes.decided) << filter::CallText(some.front()) << "\n" << profile::Write(document);
      ASSERT_NO_FATAL_FAILURE(ExpectRight(programs, outcomes, some)) << profile::Write(document);
      ++asked;
    }
  }
  EXPECT_GT(asked, 1000u);
}

// Every instruction that there is, in any order, stacked too.
TEST(Outcomes, RandomProgramsAreAnsweredExactly) {
  testing::Generator generator(11);
  size_t decided = 0;
  for (int round = 0; round < 600; ++round) {
    const testing::Generator::Shape shape{.instructions = 12, .words = 8, .arithmetic = round % 2 == 0};
    std::vector<Program> programs;
    for (size_t count = 1 + generator.Below(2); programs.size() < count;)
      programs.push_back(generator.Program(shape));
    const auto outcomes = OracleOf(programs, 60'000).Of(Abi::kX86_64, 3);
    if (!outcomes.decided) continue;
    ++decided;
    std::vector<Call> calls;
    for (int i = 0; i < 40; ++i) {
      const auto data = generator.Data(programs.front());
      Call call{Abi::kX86_64, 3, {}, uint64_t{data[3]} << 32 | data[2]};
      for (size_t word = 4; word < 16; word += 2)
        call.arguments[word / 2 - 2] = uint64_t{data[word + 1]} << 32 | data[word];
      calls.push_back(call);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectRight(programs, outcomes, calls)) << "round " << round;
  }
  EXPECT_GT(decided, 500u);
}

TEST(Outcomes, WhatIsTooMuchToDecideIsSaidToBe) {
  // args[0] * args[1] > 7: products of two words explode.
  const Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 16}, {BPF_MISC | BPF_TAX, 0, 0, 0},
                           {BPF_LD | BPF_W | BPF_ABS, 0, 0, 24}, {BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0},
                           {BPF_JMP | BPF_JGT | BPF_K, 0, 1, 7}, {BPF_RET | BPF_K, 0, 0, 0x50001},
                           {BPF_RET | BPF_K, 0, 0, 0x7fff0000}};
  const auto outcomes = Ask(program, "read");
  EXPECT_FALSE(outcomes.decided);
  EXPECT_FALSE(outcomes.always());
  EXPECT_EQ(PassageOf(outcomes), Passage::kDepends);
  EXPECT_THAT(Answers(outcomes), ElementsAre("ERRNO(1)", "ALLOW"));
}

TEST(Answers, WhatIsNewerThanAllThatIsNamedIsMarked) {
  // runc's stub: numbers above that of statx (332) do not exist as far as the program can tell.
  const Program program = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 4},    {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0xc000003e},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},    {BPF_JMP | BPF_JGT | BPF_K, 3, 0, 332},
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 165}, {BPF_RET | BPF_K, 0, 0, 0x7fff0000},
      {BPF_RET | BPF_K, 0, 0, 0x50001},       {BPF_RET | BPF_K, 0, 0, 0x50026}};
  const auto answers = AnswersOf(OracleOf({program}), Abi::kX86_64);
  size_t marked = 0;
  for (const auto& call : answers.calls) {
    EXPECT_EQ(call.as_if_missing, call.number > 332) << call.name;
    EXPECT_EQ(PassageOf(call.outcomes) == Passage::kBlocked, call.number > 332 || call.name == "mount")
        << call.name;
    marked += call.as_if_missing ? 1 : 0;
  }
  EXPECT_GT(marked, 30u);
  EXPECT_EQ(OutcomesText(answers.unknown), "ERRNO(38) ENOSYS");
}

}  // namespace
}  // namespace whittle::prove
