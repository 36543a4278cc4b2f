// The kernel side asks filters again by a machine of its own (bpf/verdict.h). What it finds for random
// programs is held against ours, which is held against the running kernel elsewhere: every refused and every
// logged call, and no other.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "../unit/filter/random_document.h"
#include "base/time.h"
#include "filter/live/load.h"
#include "kernel_call.h"
#include "record/denials.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

using filter::Program;
using filter::testing::Generator;

// (number, answer) -> calls
using Answers = std::map<std::tuple<uint32_t, std::string>, uint64_t>;

constexpr uint32_t kFirstNumber = 900;  // no calls
constexpr uint32_t kNumbers = 10;
constexpr int kPrograms = 60;
constexpr int kStacked = 3;  // every third program is loaded on top of the one before

// `left`: instructions to the end, behind which six answers stand.
sock_filter RandomInstruction(Generator& generator, uint32_t left) {
  const auto word = [&] {
    return static_cast<uint32_t>(generator.Below(8) < 3 ? 0 : 16 + 4 * generator.Below(12));
  };
  const auto small = [&] {
    return static_cast<uint32_t>(generator.Below(4) == 0 ? 900 + generator.Below(10) : generator.Below(8));
  };
  const auto skip = [&] { return static_cast<uint8_t>(generator.Below(std::min<uint32_t>(left + 5, 12))); };
  switch (generator.Below(12)) {
    case 0:
    case 1:
    case 2:
      return {BPF_LD | BPF_W | BPF_ABS, 0, 0, word()};
    case 3:
      return {BPF_LDX | BPF_IMM, 0, 0, small()};
    case 4:
      return {generator.OneOf(std::vector<uint16_t>{BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA}), 0, 0, 0};
    case 5:
      return {generator.OneOf(std::vector<uint16_t>{BPF_ST, BPF_STX, BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM,
                                                    BPF_LD | BPF_W | BPF_LEN}),
              0, 0, static_cast<uint32_t>(generator.Below(16))};
    case 6:
    case 7: {
      const auto operation = generator.OneOf(std::vector<uint16_t>{
          BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_AND, BPF_OR, BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG});
      const uint16_t source = operation != BPF_NEG && generator.Below(3) == 0 ? BPF_X : BPF_K;
      return {static_cast<uint16_t>(BPF_ALU | operation | source), 0, 0, 1 + small() % 31};
    }
    default: {
      const auto test = generator.OneOf(std::vector<uint16_t>{BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET});
      const uint16_t source = generator.Below(4) == 0 ? BPF_X : BPF_K;
      return {static_cast<uint16_t>(BPF_JMP | test | source), skip(), skip(), small()};
    }
  }
}

// What it does to numbers of real calls is to allow them: the child must be able to go on.
Program RandomProgram(Generator& generator) {
  Program program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                     {BPF_JMP | BPF_JGE | BPF_K, 1, 0, kFirstNumber},
                     {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
                     {BPF_JMP | BPF_JGE | BPF_K, 0, 1, kFirstNumber + kNumbers},
                     {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  // What is not written may not be read.
  for (uint32_t word = 0; word < BPF_MEMWORDS; word++) program.push_back({BPF_ST, 0, 0, word});
  const uint32_t length = 6 + static_cast<uint32_t>(generator.Below(20));
  for (uint32_t i = 0; i < length; i++) program.push_back(RandomInstruction(generator, length - i));
  for (const uint32_t answer : {SECCOMP_RET_ERRNO | 3u, SECCOMP_RET_LOG, SECCOMP_RET_ERRNO | 7u,
                                SECCOMP_RET_ALLOW, SECCOMP_RET_TRACE | 5u, SECCOMP_RET_ERRNO | 9u}) {
    program.push_back({BPF_RET | BPF_K, 0, 0, answer});
  }
  return program;
}

std::vector<filter::Call> RandomCalls(Generator& generator) {
  std::vector<filter::Call> calls;
  for (uint32_t number = kFirstNumber; number < kFirstNumber + kNumbers; number++) {
    for (int i = 0; i < 6; i++) {
      filter::Call call{Abi::kX86_64, number, {}, 0};
      for (auto& argument : call.arguments) argument = generator.Below(8);
      for (uint64_t times = 1 + generator.Below(3); times > 0; times--) calls.push_back(call);
    }
  }
  return calls;
}

bool IsTold(profile::Action action) { return action != profile::Action::kAllow; }

std::string Text(const Answers& answers) {
  std::string text;
  for (const auto& [key, count] : answers) {
    text += fmt::format("{} {} x {}\n", std::get<0>(key), std::get<1>(key), count);
  }
  return text;
}

// Waits until it may begin, then forks one child after the other, each under programs of its own.
[[noreturn]] void Work(int gate, const std::vector<std::vector<Program>>& stacks,
                       const std::vector<std::vector<filter::Call>>& calls) {
  char byte = 0;
  if (read(gate, &byte, 1) != 1) _exit(1);
  for (size_t i = 0; i < stacks.size(); i++) {
    const pid_t child = fork();
    if (child == 0) {
      for (const auto& program : stacks[i]) {
        if (!filter::Load(program, filter::NoNewPrivs::kSet)) _exit(2);
      }
      for (const auto& call : calls[i]) filter::testing::MakeCall(call);
      _exit(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) _exit(3);
  }
  _exit(0);
}

TEST(RecordVerdict, IsThatOfTheFiltersForRandomProgramsAndCalls) {
  if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
  Generator generator(11);
  Answers expected;
  std::vector<std::vector<Program>> stacks;
  std::vector<std::vector<filter::Call>> calls;
  for (int i = 0; i < kPrograms; i++) {
    std::vector<Program> stack = {RandomProgram(generator)};
    if (i % kStacked == 0) stack.push_back(RandomProgram(generator));
    for (const auto& program : stack) {
      const auto valid = filter::Validate(program);
      ASSERT_TRUE(valid) << valid.error().message;
    }
    calls.push_back(RandomCalls(generator));
    for (const auto& call : calls.back()) {
      const auto verdict = filter::EvaluateStacked(stack, call);
      if (IsTold(verdict.action)) {
        // What came out of a division by zero ends the child.
        if (verdict.action == profile::Action::kKillThread) continue;
        expected[{call.number, profile::VerdictText(verdict.action, verdict.data)}]++;
      }
    }
    std::erase_if(calls.back(), [&](const auto& call) {
      return filter::EvaluateStacked(stack, call).action == profile::Action::kKillThread;
    });
    stacks.push_back(std::move(stack));
  }
  int gate[2];
  ASSERT_EQ(pipe(gate), 0);
  const pid_t worker = fork();
  if (worker == 0) Work(gate[0], stacks, calls);
  Options options;
  options.denials = Denials::kWatch;
  auto recorder = Recorder::Create(std::move(options));
  ASSERT_TRUE(recorder) << recorder.error().message;
  ASSERT_TRUE((*recorder)->AddProcessTree(worker));
  ASSERT_EQ(write(gate[1], "g", 1), 1);
  int status = -1;
  const int64_t deadline = MonotonicMs() + 60'000;
  while (waitpid(worker, &status, WNOHANG) != worker && MonotonicMs() < deadline) {
    ASSERT_TRUE((*recorder)->Poll(10));
  }
  EXPECT_EQ(status, 0);
  ASSERT_TRUE((*recorder)->Stop());
  Answers found;
  for (const auto& denial : (*recorder)->denials()) {
    if (denial.call.number < kFirstNumber) ADD_FAILURE() << "invented: " << denial.call.number;
    const auto& judged = denial.judgement;
    found[{denial.call.number,
           judged.action ? profile::VerdictText(*judged.action, judged.data) : "unknown"}] += denial.count;
  }
  EXPECT_EQ(Text(found), Text(expected));
  EXPECT_GT(expected.size(), kNumbers) << "the programs say too little";
  close(gate[0]);
  close(gate[1]);
}

}  // namespace
}  // namespace whittle::record
