// The diagram of a program ends, for every call, in what the program returns.
#include "prove/meaning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>

#include "prove/number.h"
#include "random_program.h"

namespace whittle::prove {
namespace {

using testing::Generator;

std::string Text(uint32_t value) {
  return profile::VerdictText(profile::ActionOf(value), static_cast<uint16_t>(value & 0xffff));
}

// How many programs the budget was enough for.
int CompareWithMachine(Generator& generator, const Generator::Shape& shape, int programs, size_t budget) {
  int decided = 0;
  for (int round = 0; round < programs; ++round) {
    const auto program = generator.Program(shape);
    Diagrams diagrams(round % 2 == 0 ? Order::kByWord : Order::kByBit, budget);
    const Node meaning = MeaningOf(diagrams, program);
    if (diagrams.exhausted()) continue;
    ++decided;
    for (int call = 0; call < 60; ++call) {
      const auto data = generator.Data(program);
      const auto verdict = filter::Evaluate(program, data);
      const uint32_t meant = diagrams.VerdictOf(diagrams.LeafOf(meaning, data));
      EXPECT_EQ(Text(meant), profile::VerdictText(verdict.action, verdict.data)) << "round " << round;
      if (::testing::Test::HasFailure()) return decided;
    }
  }
  return decided;
}

TEST(Meaning, ProgramsOfCompilersAreUnderstoodWithoutExceptions) {
  Generator generator(1);
  EXPECT_EQ(CompareWithMachine(generator, {.instructions = 40, .arithmetic = false, .registers = false}, 400,
                               200'000),
            400);
}

TEST(Meaning, EveryInstructionMeansWhatTheMachineDoes) {
  Generator generator(2);
  EXPECT_GT(CompareWithMachine(generator, {.instructions = 14}, 800, 60'000), 400);
}

TEST(Meaning, ComparingWordsWithWordsIsNotTooMuch) {
  const filter::Program program = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},       {BPF_MISC | BPF_TAX, 0, 0, 0},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 24},       {BPF_JMP | BPF_JGT | BPF_X, 0, 1, 0},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}, {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS}};
  Diagrams diagrams(Order::kByBit, 10'000);
  const Node meaning = MeaningOf(diagrams, program);
  ASSERT_FALSE(diagrams.exhausted());
  filter::Data data{};
  data[4] = 7;
  data[6] = 8;
  EXPECT_EQ(diagrams.VerdictOf(diagrams.LeafOf(meaning, data)), SECCOMP_RET_ALLOW);
  data[4] = 8;
  EXPECT_EQ(diagrams.VerdictOf(diagrams.LeafOf(meaning, data)), SECCOMP_RET_KILL_PROCESS);
}

TEST(Meaning, ABudgetThatIsTooSmallIsSaid) {
  Generator generator(3);
  const auto program = generator.Program({.instructions = 200, .arithmetic = false, .registers = false});
  Diagrams diagrams(Order::kByWord, 50);
  (void)MeaningOf(diagrams, program);
  EXPECT_TRUE(diagrams.exhausted());
}

TEST(Meaning, AStackIsAsStrictAsItsStrictestFilter) {
  Generator generator(4);
  const Generator::Shape shape{.instructions = 12, .words = 4, .arithmetic = false, .registers = false};
  for (int round = 0; round < 200; ++round) {
    const std::vector<filter::Program> stack{generator.Program(shape), generator.Program(shape),
                                             generator.Program(shape)};
    Diagrams diagrams(Order::kByWord, 200'000);
    const Node meaning = MeaningOf(diagrams, stack);
    ASSERT_FALSE(diagrams.exhausted());
    for (int call = 0; call < 40; ++call) {
      const auto data = generator.Data(stack[static_cast<size_t>(call) % 3]);
      const auto verdict = filter::EvaluateStacked(stack, data);
      ASSERT_EQ(Text(diagrams.VerdictOf(diagrams.LeafOf(meaning, data))),
                profile::VerdictText(verdict.action, verdict.data));
    }
  }
}

TEST(Number, ArithmeticIsThatOfTheMachineForKnownNumbers) {
  Diagrams diagrams(Order::kByWord, 10'000);
  Arithmetic arithmetic(diagrams);
  Generator generator(5);
  const auto known = [](const Number& number) { return Arithmetic::Known(number).value_or(0xdead); };
  for (int round = 0; round < 3000; ++round) {
    const auto a = static_cast<uint32_t>(generator.Below(UINT32_MAX) >> generator.Below(32));
    const auto b = static_cast<uint32_t>(generator.Below(UINT32_MAX) >> generator.Below(32));
    const Number x = Arithmetic::Constant(a);
    const Number y = Arithmetic::Constant(b);
    ASSERT_EQ(known(arithmetic.Add(x, y)), a + b);
    ASSERT_EQ(known(arithmetic.Subtract(x, y)), a - b);
    ASSERT_EQ(known(arithmetic.Multiply(x, y)), a * b);
    const uint32_t divisor = b | 1;
    ASSERT_EQ(known(arithmetic.Divide(x, Arithmetic::Constant(divisor))), a / divisor);
    ASSERT_EQ(known(arithmetic.ShiftLeft(x, y)), a << (b & 31));
    ASSERT_EQ(known(arithmetic.ShiftRight(x, y)), a >> (b & 31));
    ASSERT_EQ(arithmetic.Equal(x, y), a == b ? Diagrams::kTrue : Diagrams::kFalse);
    ASSERT_EQ(arithmetic.Greater(x, y), a > b ? Diagrams::kTrue : Diagrams::kFalse);
    ASSERT_EQ(arithmetic.GreaterOrEqual(x, y), a >= b ? Diagrams::kTrue : Diagrams::kFalse);
    ASSERT_EQ(arithmetic.Meet(x, y), (a & b) != 0 ? Diagrams::kTrue : Diagrams::kFalse);
  }
}

}  // namespace
}  // namespace whittle::prove
