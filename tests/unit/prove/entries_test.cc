// Where a filter looks at the arguments, by number: what is read from there is what is read from the first
// instruction on.
#include "prove/entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>

#include "prove/meaning.h"
#include "prove/reading.h"
#include "random_program.h"
#include "syscalls/abi.h"

namespace whittle::prove {
namespace {

using filter::Program;
using testing::Generator;

constexpr uint32_t kArchOffset = 4;
constexpr sock_filter kLoadNumber{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0};
constexpr sock_filter kLoadArch{BPF_LD | BPF_W | BPF_ABS, 0, 0, kArchOffset};
constexpr sock_filter kAllow{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
constexpr sock_filter kKill{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS};

constexpr sock_filter IfEqual(uint32_t value, uint8_t yes, uint8_t no) {
  return {BPF_JMP | BPF_JEQ | BPF_K, yes, no, value};
}

Node MeaningFromTheStart(Diagrams& diagrams, const Program& program) {
  Reading reading(diagrams, program);
  const auto start = reading.Start(0);
  reading.Run();
  return reading.MeaningOf(start);
}

TEST(Entries, OfRandomProgramsMeanWhatTheWholeProgramMeans) {
  Generator generator(1);
  int tables = 0;
  for (int round = 0; round < 2000; ++round) {
    const auto program =
        generator.Program({.instructions = 25, .words = 6, .arithmetic = false, .registers = false});
    Diagrams diagrams(round % 2 == 0 ? Order::kByWord : Order::kByBit, 200'000);
    const Node whole = MeaningFromTheStart(diagrams, program);
    ASSERT_EQ(MeaningOf(diagrams, program), whole) << "round " << round;
    ASSERT_FALSE(diagrams.exhausted());
    if (EntriesOf(program)) ++tables;
  }
  EXPECT_GT(tables, 100);
}

TEST(Entries, CoverAllArchitecturesAndNumbersInOrder) {
  const Program program = {kLoadArch,
                           IfEqual(7, 0, 5),
                           kLoadNumber,
                           IfEqual(5, 0, 2),  // an argument decides about number 5
                           {BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},
                           IfEqual(1, 0, 1),
                           kAllow,
                           kKill};
  const auto table = EntriesOf(program);
  ASSERT_TRUE(table);
  ASSERT_EQ(table->size(), 3u);
  EXPECT_EQ((*table)[0].to, 6u);
  EXPECT_EQ((*table)[1].to, 7u);
  EXPECT_EQ((*table)[2].to, UINT32_MAX);
  EXPECT_EQ((*table)[0].numbers.size(), 1u);
  const auto& numbers = (*table)[1].numbers;
  ASSERT_EQ(numbers.size(), 3u);
  EXPECT_EQ(numbers[0].to, 4u);
  EXPECT_EQ(numbers[1].to, 5u);
  EXPECT_EQ(numbers[1].entry, 4u);
  EXPECT_EQ(numbers[2].to, UINT32_MAX);
}

TEST(Entries, AQuestionAboutNothingThatWasLoadedIsAboutZero) {
  const Program program = {IfEqual(0, 0, 1), kAllow, kKill};
  const auto table = EntriesOf(program);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->front().numbers.front().entry, 0u);
  Diagrams diagrams(Order::kByWord, 10'000);
  EXPECT_EQ(diagrams.VerdictOf(MeaningOf(diagrams, program)), SECCOMP_RET_ALLOW);
}

TEST(Entries, FiltersOfAnotherKindHaveNone) {
  const Program number_first = {kLoadNumber, IfEqual(5, 0, 2), kLoadArch, IfEqual(7, 0, 1), kAllow, kKill};
  EXPECT_FALSE(EntriesOf(number_first));
  const Program bits_of_the_number = {kLoadNumber, {BPF_JMP | BPF_JSET | BPF_K, 0, 1, 4}, kAllow, kKill};
  EXPECT_FALSE(EntriesOf(bits_of_the_number));
  const Program argument_first = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 16}, IfEqual(1, 0, 2), kLoadNumber, IfEqual(5, 0, 1), kAllow, kKill};
  EXPECT_FALSE(EntriesOf(argument_first));
  for (const auto& program : {number_first, bits_of_the_number, argument_first}) {
    Diagrams diagrams(Order::kByWord, 10'000);
    EXPECT_EQ(MeaningOf(diagrams, program), MeaningFromTheStart(diagrams, program));
  }
}

TEST(Entries, ALongChainIsNotFollowedForEachOfItsNumbers) {
  Program chain = {kLoadNumber};
  const auto questions = static_cast<uint32_t>(filter::kMaxInstructions) - 3;
  // Every second number is allowed, by a return behind its question.
  for (uint32_t number = 0; 2 * number < questions; ++number) {
    chain.push_back(IfEqual(2 * number, 0, 1));
    chain.push_back(kAllow);
  }
  chain.push_back(kKill);
  EXPECT_FALSE(EntriesOf(chain));
  Diagrams diagrams(Order::kByWord, 1'000'000);
  const Node meaning = MeaningOf(diagrams, chain);
  filter::Data call{};
  for (const uint32_t number : {0u, 1u, 2000u, 2001u}) {
    call[kNumberWord] = number;
    EXPECT_EQ(diagrams.VerdictOf(diagrams.LeafOf(meaning, call)),
              number % 2 == 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
  }
}

}  // namespace
}  // namespace whittle::prove
