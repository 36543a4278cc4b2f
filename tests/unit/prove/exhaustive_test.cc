// Filters of which only a few bits of a call matter: proofs agree with trying every call, in what differs,
// how, and which call is the smallest that shows it.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <ctime>
#include <map>

#include "hard_programs.h"
#include "prove/meaning.h"
#include "prove/prove.h"
#include "prove/smallest.h"
#include "random_program.h"

namespace whittle::prove {
namespace {

using filter::Program;
using testing::Generator;
using Answers = std::pair<uint32_t, uint32_t>;  // what both filters return, as anyone can see it

// The words that programs load: number, both halves of two arguments, the instruction pointer.
constexpr uint32_t kUsed[] = {0, 4, 5, 6, 7, 2};
constexpr uint32_t kMask = 3;

bool IsLoad(const sock_filter& in) { return in.code == (BPF_LD | BPF_W | BPF_ABS); }

// Loads become loads of the used words, each followed by AND with the mask; jumps lead where they led before.
Program OfFewBits(const Program& program) {
  std::vector<size_t> place(program.size());
  size_t at = 0;
  for (size_t i = 0; i < program.size(); ++i) {
    place[i] = at;
    at += IsLoad(program[i]) ? 2 : 1;
  }
  Program masked;
  for (size_t i = 0; i < program.size(); ++i) {
    sock_filter in = program[i];
    const auto distance = [&](size_t jump) { return place[i + 1 + jump] - place[i] - 1; };
    if (IsLoad(in)) in.k = 4 * kUsed[in.k / 4 % std::size(kUsed)];
    if (in.code == (BPF_JMP | BPF_JA)) {
      in.k = static_cast<uint32_t>(distance(in.k));
    } else if (BPF_CLASS(in.code) == BPF_JMP) {
      in.jt = static_cast<uint8_t>(distance(in.jt));
      in.jf = static_cast<uint8_t>(distance(in.jf));
    }
    masked.push_back(in);
    if (IsLoad(in)) masked.push_back({BPF_ALU | BPF_AND | BPF_K, 0, 0, kMask});
  }
  return masked;
}

// Every call of these bits, in the order in which calls are smaller than others.
std::vector<filter::Data> AllCalls() {
  constexpr uint32_t kOrder[] = {0, 5, 4, 7, 6, 2};
  std::vector<filter::Data> calls;
  for (uint32_t number = 0; number < 1u << (2 * std::size(kOrder)); ++number) {
    filter::Data call{};
    for (size_t i = 0; i < std::size(kOrder); ++i)
      call[kOrder[i]] = number >> (2 * (std::size(kOrder) - 1 - i)) & kMask;
    calls.push_back(call);
  }
  return calls;
}

uint32_t Seen(const Program& program, const filter::Data& call) {
  const auto verdict = filter::Evaluate(program, call);
  return Canonical(profile::ReturnValue(verdict.action, verdict.data));
}

// Each pair of differing answers, with the smallest call that gets it.
std::map<Answers, filter::Data> Tried(const Program& first, const Program& second) {
  static const std::vector<filter::Data> calls = AllCalls();
  std::map<Answers, filter::Data> found;
  for (const auto& call : calls) {
    const Answers answers{Seen(first, call), Seen(second, call)};
    if (answers.first != answers.second) found.try_emplace(answers, call);
  }
  return found;
}

std::map<Answers, filter::Data> Proven(const Proof& proof) {
  std::map<Answers, filter::Data> found;
  for (const auto& difference : proof.differences) {
    const Answers answers{profile::ReturnValue(difference.first.action, difference.first.data),
                          profile::ReturnValue(difference.second.action, difference.second.data)};
    EXPECT_TRUE(found.try_emplace(answers, difference.call).second) << "a difference stands twice";
    EXPECT_TRUE(difference.smallest);
  }
  return found;
}

bool AnyLooser(const std::map<Answers, filter::Data>& found) {
  return std::ranges::any_of(found, [](const auto& entry) {
    return profile::ActionOf(entry.first.first) < profile::ActionOf(entry.first.second);
  });
}

std::pair<Program, Program> RandomPair(Generator& generator) {
  const Program program = generator.Program({.instructions = 6 + generator.Below(9), .words = 6});
  const bool near = generator.Below(3) != 0;
  const Program other =
      near ? generator.MutateAnything(program) : generator.Program({.instructions = 8, .words = 6});
  return {OfFewBits(program), OfFewBits(other)};
}

TEST(Exhaustive, ProofsSayWhatTryingEveryCallSays) {
  Generator generator(21);
  int equal = 0;
  int different = 0;
  for (int round = 0; round < 1000; ++round) {
    const auto [first, second] = RandomPair(generator);
    const auto proof = Compare(std::vector<Program>{first}, std::vector<Program>{second}, {.abis = {}});
    ASSERT_TRUE(proof) << proof.error().message;
    if (proof->answer == Answer::kUndecided) continue;
    const auto tried = Tried(first, second);
    ASSERT_EQ(Proven(*proof), tried) << "round " << round;
    ASSERT_EQ(proof->answer == Answer::kEqual, tried.empty());
    ASSERT_EQ(proof->NowhereLooser(), !AnyLooser(tried));
    ++(tried.empty() ? equal : different);
  }
  EXPECT_GT(equal, 100);
  EXPECT_GT(different, 300);
}

TEST(Exhaustive, TheSmallestCallIsFoundInBothOrdersOfQuestions) {
  Generator generator(22);
  int found = 0;
  for (int round = 0; round < 200; ++round) {
    const auto [first, second] = RandomPair(generator);
    const auto tried = Tried(first, second);
    for (const Order order : {Order::kByWord, Order::kByBit}) {
      Diagrams diagrams(order, 100'000);
      const Node differences = diagrams.Combine(Diagrams::Join::kDifferences, MeaningOf(diagrams, first),
                                                MeaningOf(diagrams, second));
      if (diagrams.exhausted()) continue;
      for (const auto& [answers, call] : tried) {
        size_t steps = 100'000'000;
        const auto smallest = SmallestCall(diagrams, differences, diagrams.LeafOf(differences, call), steps);
        ASSERT_EQ(smallest, call) << "round " << round;
        ++found;
      }
    }
  }
  EXPECT_GT(found, 100);
}

// Words compared with words are decided by asking bit by bit: the example is the smallest all the same.
TEST(Exhaustive, AnExampleOfComparingWordsIsTheSmallest) {
  const auto compare = [](uint32_t otherwise) {
    return Program{{BPF_LD | BPF_W | BPF_ABS, 0, 0, 24},
                   {BPF_MISC | BPF_TAX, 0, 0, 0},
                   {BPF_LD | BPF_W | BPF_ABS, 0, 0, 16},
                   {BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0},
                   {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x80000001},
                   {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
                   {BPF_RET | BPF_K, 0, 0, otherwise}};
  };
  auto other = compare(SECCOMP_RET_KILL_PROCESS);
  other[5].k = SECCOMP_RET_LOG;
  const auto proof = Compare(std::vector<Program>{compare(SECCOMP_RET_KILL_PROCESS)},
                             std::vector<Program>{other}, {.abis = {}});
  ASSERT_TRUE(proof);
  ASSERT_EQ(proof->differences.size(), 1u);
  const auto& difference = proof->differences.front();
  EXPECT_TRUE(difference.smallest);
  EXPECT_EQ(difference.call[4], 0u);
  EXPECT_EQ(difference.call[6], 0x80000001u);
}

// Whatever a program computes, the answer is right or none: what these programs answer to calls is what the
// proof says, where it says something. WHITTLE_PROVE_FULL=1: with the budget that users have, and what it
// cost.
TEST(Exhaustive, HardProgramsAreDecidedRightOrNotAtAll) {
  const bool full = std::getenv("WHITTLE_PROVE_FULL") != nullptr;
  const Options options{.node_budget = full ? Options{}.node_budget : 100'000};
  Generator generator(23);
  int undecided = 0;
  double slowest = 0;
  const auto programs = testing::HardPrograms::All();
  for (const auto& [name, program] : programs) {
    ASSERT_TRUE(filter::Validate(program)) << name;
    const auto mutated = generator.MutateAnything(program);
    const std::clock_t start = std::clock();
    const auto proof = Compare(std::vector<Program>{program}, std::vector<Program>{mutated}, options);
    const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    slowest = std::max(slowest, took);
    ASSERT_TRUE(proof) << name << ": " << proof.error().message;
    undecided += proof->answer == Answer::kUndecided ? 1 : 0;
    for (int call = 0; call < 200; ++call) {
      const auto data = generator.Data(program);
      if (Seen(program, data) != Seen(mutated, data)) {
        ASSERT_NE(proof->answer, Answer::kEqual) << name;
      }
    }
  }
  EXPECT_GT(undecided, 5);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  fmt::print("{} hard programs: {} undecided, none wrong; the slowest took {:.1f} s of CPU, at most {} MiB\n",
             programs.size(), undecided, slowest, used.ru_maxrss / 1024);
}

}  // namespace
}  // namespace whittle::prove
