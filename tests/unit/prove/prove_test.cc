// Proofs agree with trying every call, and their examples with execution.
#include "prove/prove.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>

#include "prove/diagram.h"
#include "random_program.h"

namespace whittle::prove {
namespace {

using ::testing::Each;
using ::testing::Field;
using testing::Generator;
using ::testing::SizeIs;

std::vector<filter::Program> Stack(filter::Program program) { return {std::move(program)}; }

filter::Program Return(uint32_t value) { return {{BPF_RET | BPF_K, 0, 0, value}}; }

// Allows `number`, returns `otherwise` for the rest, of every architecture.
filter::Program Only(uint32_t number, uint32_t otherwise) {
  return {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
          {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number},
          {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
          {BPF_RET | BPF_K, 0, 0, otherwise}};
}

// Words that only their lowest two bits matter of: all calls of three words can be tried.
bool SameForEveryCall(const filter::Program& a, const filter::Program& b) {
  filter::Data data{};
  for (uint32_t call = 0; call < 64; ++call) {
    data[0] = call & 3;
    data[1] = call >> 2 & 3;
    data[2] = call >> 4;
    const auto first = filter::Evaluate(a, data);
    const auto second = filter::Evaluate(b, data);
    const auto seen = [](const filter::Verdict& verdict) {
      return Canonical(profile::ReturnValue(verdict.action, verdict.data));
    };
    if (seen(first) != seen(second)) return false;
  }
  return true;
}

TEST(Prove, AgreesWithTryingEveryCall) {
  Generator generator(11);
  int equal = 0;
  int different = 0;
  for (int round = 0; round < 2000; ++round) {
    const auto program = generator.Program({.instructions = 10, .words = 3, .mask = 3});
    const auto other = generator.Mutate(program);
    // A mutation may take a mask away: then words matter that are not tried.
    const auto masks = [](const filter::Program& p) {
      return std::count_if(p.begin(), p.end(), [](const sock_filter& in) {
        return in.code == (BPF_ALU | BPF_AND | BPF_K) && in.k == 3;
      });
    };
    if (masks(program) != masks(other)) continue;
    const auto proof = Compare(Stack(program), Stack(other));
    ASSERT_TRUE(proof) << proof.error().message;
    ASSERT_NE(proof->answer, Answer::kUndecided);
    // Jumps may pass a mask by: so "different" has more to say than trying, and shows an example of its own.
    if (proof->answer == Answer::kEqual) {
      ASSERT_TRUE(SameForEveryCall(program, other)) << "round " << round;
      ++equal;
    } else {
      ASSERT_FALSE(proof->differences.empty());
      ++different;
    }
  }
  EXPECT_GT(equal, 100);
  EXPECT_GT(different, 100);
}

TEST(Prove, EveryExampleOfADifferenceIsOne) {
  Generator generator(12);
  size_t examples = 0;
  for (int round = 0; round < 400; ++round) {
    const auto program =
        generator.Program({.instructions = 40, .words = 8, .arithmetic = false, .registers = false});
    const auto proof = Compare(Stack(program), Stack(generator.Mutate(program)));
    ASSERT_TRUE(proof) << proof.error().message;  // Compare executes each example itself
    examples += proof->differences.size();
  }
  EXPECT_GT(examples, 100u);
}

// Behind a jump to the next instruction, so that it has to be proven.
TEST(Prove, AFilterIsEqualToItself) {
  Generator generator(13);
  for (int round = 0; round < 200; ++round) {
    const auto program = generator.Program({.instructions = 60, .arithmetic = false, .registers = false});
    filter::Program longer = {{BPF_JMP | BPF_JA, 0, 0, 0}};
    longer.insert(longer.end(), program.begin(), program.end());
    const auto proof = Compare(Stack(program), Stack(longer));
    ASSERT_TRUE(proof);
    EXPECT_EQ(proof->answer, Answer::kEqual);
    EXPECT_THAT(proof->differences, SizeIs(0));
  }
}

TEST(Prove, NamesTheCallAndWhetherItIsLooser) {
  const auto proof = Compare(Stack(Only(59, SECCOMP_RET_ERRNO | 1)), Stack(Return(SECCOMP_RET_ERRNO | 1)),
                             {.abis = {Abi::kX86_64}});
  ASSERT_TRUE(proof);
  ASSERT_EQ(proof->answer, Answer::kDifferent);
  ASSERT_THAT(proof->differences, SizeIs(2));  // x86_64, and every other architecture
  const auto& first = proof->differences.front();
  EXPECT_EQ(first.abi, Abi::kX86_64);
  EXPECT_EQ(first.number, 59u);
  EXPECT_TRUE(first.every_argument);
  EXPECT_THAT(proof->differences, Each(Field(&Difference::change, Change::kTighter)));
  EXPECT_EQ(proof->NowhereLooser(), true);
  const auto back = Compare(Stack(Return(SECCOMP_RET_ERRNO | 1)), Stack(Only(59, SECCOMP_RET_ERRNO | 1)));
  EXPECT_EQ(back->NowhereLooser(), false);
}

TEST(Prove, OnlyWhatAnyoneCanSeeIsADifference) {
  const auto same = [](uint32_t a, uint32_t b) {
    return Compare(Stack(Return(a)), Stack(Return(b)))->answer == Answer::kEqual;
  };
  EXPECT_TRUE(same(SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW | 9));
  EXPECT_TRUE(same(SECCOMP_RET_ERRNO | 4095, SECCOMP_RET_ERRNO | 5000));
  EXPECT_TRUE(same(SECCOMP_RET_KILL_PROCESS, 0x12340000));  // an unknown action kills
  EXPECT_FALSE(same(SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 38));
  EXPECT_FALSE(same(SECCOMP_RET_LOG, SECCOMP_RET_ALLOW));
  EXPECT_TRUE(Compare({}, Stack(Return(SECCOMP_RET_ALLOW)))->answer == Answer::kEqual);
}

// 2^64 products: more than any budget. The answer must not be a guess.
TEST(Prove, WhatIsTooMuchIsUndecided) {
  const filter::Program product = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},
                                   {BPF_MISC | BPF_TAX, 0, 0, 0},
                                   {BPF_LD | BPF_W | BPF_ABS, 0, 0, 24},
                                   {BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0},
                                   {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x12345677},
                                   {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
                                   {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS}};
  const auto proof =
      Compare(Stack(product), Stack(Return(SECCOMP_RET_KILL_PROCESS)), {.node_budget = 200'000});
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->answer, Answer::kUndecided);
  EXPECT_EQ(proof->NowhereLooser(), std::nullopt);
  EXPECT_EQ(Compare(Stack(product), Stack(product), {.node_budget = 200'000})->answer, Answer::kEqual);
}

TEST(Prove, WhatTheKernelWouldNotTakeIsRefused) {
  const auto proof = Compare(Stack({{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}}), Stack(Return(0)));
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, ErrorCode::kBadInput);
}

}  // namespace
}  // namespace whittle::prove
