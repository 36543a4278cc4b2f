// Proofs agree with Z3, which has a meaning of filters of its own here (z3_semantics.h): on equal and
// different, on nowhere looser, and on which call is the smallest that shows a difference.
//
//   WHITTLE_PROVE_PAIRS=10000 prove_z3_test      # the full size; a few hundred pairs otherwise
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

#include "../filter/random_document.h"
#include "filter/compile.h"
#include "prove/diagram.h"
#include "prove/prove.h"
#include "random_program.h"
#include "z3_semantics.h"

namespace whittle::prove {
namespace {

using filter::Program;
using testing::Opinion;
using testing::Z3Calls;

constexpr unsigned kSteps = 3'000'000;  // of Z3, for one question
constexpr size_t kBudget = 100'000;     // nodes of the prover's diagrams
constexpr uint64_t kSmallestOneIn = 4;  // differences whose example Z3 tries to undercut

int Pairs() {
  const char* text = std::getenv("WHITTLE_PROVE_PAIRS");
  return text == nullptr ? 200 : std::atoi(text);
}

using Stack = std::vector<Program>;

uint32_t Seen(const Program& program, const filter::Data& call) {
  const auto verdict = filter::Evaluate(program, call);
  return Canonical(profile::ReturnValue(verdict.action, verdict.data));
}

struct Pair {
  std::string kind;
  Program first;
  Program second;
};

// Pairs of every kind in turn. Half of them differ in one place, so that equal and nearly equal pairs are
// common.
class PairMaker {
 public:
  explicit PairMaker(uint64_t seed) : programs_(seed), documents_(seed + 1) {}

  Pair Make(int round) {
    switch (round % 6) {
      case 0:
        return OfDocuments();
      case 1: {
        const auto program = Compiled(Document(), Place());
        return {"compiled, one instruction changed", program, programs_.MutateAnything(program)};
      }
      case 2:
        return Mutated("any instruction, one changed", {.instructions = 4 + programs_.Below(14)});
      case 3:
        return Mutated("arithmetic on few words, one changed",
                       {.instructions = 4 + programs_.Below(10), .words = 3, .mask = 0xff});
      case 4:
        return Mutated("tests and masks, one changed",
                       {.instructions = 30, .words = 8, .arithmetic = false, .registers = false});
      default: {
        const testing::Generator::Shape shape{.instructions = 6, .words = 3};
        return {"two programs", programs_.Program(shape), programs_.Program(shape)};
      }
    }
  }

 private:
  using Documents = filter::testing::Generator;

  profile::Document Document() { return documents_.Document(filter::testing::Language::kWhole); }
  // Runtime none takes every document.
  profile::Target Place() {
    profile::Target target;
    target.runtime = profile::Runtime::kNone;
    return target;
  }

  static Program Compiled(const profile::Document& document, const profile::Target& target) {
    const auto compiled = filter::Compile(document, target);
    EXPECT_TRUE(compiled) << compiled.error().message;
    if (!compiled || compiled->state != filter::Compiled::State::kFiltered)
      return {{BPF_RET | BPF_K, 0, 0, 0}};
    return compiled->program;
  }

  // Most changes are in what no call reaches; so half of the time one is wanted that shows.
  Pair Mutated(std::string kind, const testing::Generator::Shape& shape) {
    const auto program = programs_.Program(shape);
    auto other = programs_.MutateAnything(program);
    if (programs_.Below(2) == 0) return {std::move(kind), program, other};
    for (int tries = 0; tries < 30 && !Shows(program, other); ++tries)
      other = programs_.MutateAnything(program);
    return {std::move(kind), program, other};
  }

  bool Shows(const Program& program, const Program& other) {
    for (int call = 0; call < 20; ++call) {
      const auto data = programs_.Data(program);
      if (Seen(program, data) != Seen(other, data)) return true;
    }
    return false;
  }

  // One document for two places, or with its rules in another order, or with one rule changed.
  Pair OfDocuments() {
    auto document = Document();
    const auto program = Compiled(document, Place());
    auto& rules = document.rules;
    switch (documents_.Below(3)) {
      case 0:
        return {"compiled for two places", program, Compiled(document, documents_.Target())};
      case 1:
        std::reverse(rules.begin(), rules.end());
        return {"compiled, rules reversed", program, Compiled(document, Place())};
      default:
        break;
    }
    auto& rule = rules[documents_.Below(rules.size())];
    if (rule.conditions.empty()) {
      rule.action = profile::Action::kLog;
    } else {
      rule.conditions.back().value ^= uint64_t{1} << documents_.Below(34);
    }
    return {"compiled, one rule changed", program, Compiled(document, Place())};
  }

  testing::Generator programs_;
  Documents documents_;
};

struct Tally {
  int pairs = 0;
  int equal = 0;
  int different = 0;
  int undecided = 0;  // the prover's budget
  int gave_up = 0;    // Z3's
  int smallest = 0;   // examples that Z3 could not undercut
  int smallest_gave_up = 0;
};

class Z3 : public ::testing::Test {
 protected:
  // Z3's example must differ when both are executed: its meaning of filters is on trial, too.
  static void ExpectExample(const Z3Calls& calls, const Pair& pair) {
    EXPECT_NE(Seen(pair.first, calls.example()), Seen(pair.second, calls.example())) << "Z3's example";
  }

  static void ExpectSmallest(Z3Calls& calls, const Pair& pair, const Proof& proof, Tally& tally,
                             uint64_t from) {
    for (size_t i = from % kSmallestOneIn; i < proof.differences.size() && i < 12; i += kSmallestOneIn) {
      const auto& difference = proof.differences[i];
      if (!difference.abi) continue;
      const auto opinion = calls.GetsBefore(pair.first, pair.second, Seen(pair.first, difference.call),
                                            Seen(pair.second, difference.call), difference.call);
      EXPECT_NE(opinion, Opinion::kYes) << "a smaller call than the example of " << difference.number;
      ++(opinion == Opinion::kNo ? tally.smallest : tally.smallest_gave_up);
    }
  }

  static void Check(const Pair& pair, Tally& tally, uint64_t round) {
    ++tally.pairs;
    const auto proof = Compare(Stack{pair.first}, Stack{pair.second},
                               {.abis = {Abi::kX86_64, Abi::kI386}, .node_budget = kBudget});
    ASSERT_TRUE(proof) << proof.error().message;
    if (proof->answer == Answer::kUndecided) {
      ++tally.undecided;
      return;
    }
    Z3Calls calls(kSteps);
    const Opinion differ = calls.Differ(pair.first, pair.second);
    if (differ == Opinion::kYes) ExpectExample(calls, pair);
    const Opinion looser = differ == Opinion::kNo ? Opinion::kNo : calls.Looser(pair.first, pair.second);
    if (looser == Opinion::kYes) ExpectExample(calls, pair);
    if (differ == Opinion::kGaveUp || looser == Opinion::kGaveUp) {
      ++tally.gave_up;
      return;
    }
    EXPECT_EQ(proof->answer == Answer::kDifferent, differ == Opinion::kYes);
    EXPECT_EQ(proof->NowhereLooser(), looser == Opinion::kNo);
    ++(proof->answer == Answer::kEqual ? tally.equal : tally.different);
    ExpectSmallest(calls, pair, *proof, tally, round);
  }
};

TEST_F(Z3, AgreesOnEqualDifferentAndNowhereLooser) {
  PairMaker maker(20261128);
  std::map<std::string, Tally> tallies;
  const int pairs = Pairs();
  int agreed = 0;
  for (int round = 0; agreed < pairs && !HasFailure(); ++round) {
    ASSERT_LT(round, 2 * pairs + 100) << "too few pairs are decided by both";
    const Pair pair = maker.Make(round);
    Tally& tally = tallies[pair.kind];
    const int before = tally.equal + tally.different;
    Check(pair, tally, static_cast<uint64_t>(round));
    agreed += tally.equal + tally.different - before;
    EXPECT_FALSE(HasFailure()) << "round " << round << ", " << pair.kind;
  }
  Tally all;
  fmt::print("{:38} {:>6} {:>6} {:>9} {:>9} {:>8} {:>9}\n", "pairs", "all", "equal", "different", "undecided",
             "Z3 gave up", "smallest");
  for (const auto& [kind, tally] : tallies) {
    fmt::print("{:38} {:6} {:6} {:9} {:9} {:8} {:9}\n", kind, tally.pairs, tally.equal, tally.different,
               tally.undecided, tally.gave_up, tally.smallest);
    all.equal += tally.equal;
    all.different += tally.different;
    all.undecided += tally.undecided;
    all.gave_up += tally.gave_up;
    all.smallest += tally.smallest;
  }
  fmt::print(
      "{} pairs agree with Z3 ({} equal, {} different), {} examples are the smallest; undecided {}, Z3 gave "
      "up {}\n",
      agreed, all.equal, all.different, all.smallest, all.undecided, all.gave_up);
  EXPECT_GT(all.equal, pairs / 10);
  EXPECT_GT(all.different, pairs / 10);
  EXPECT_GT(all.smallest, pairs / 10);
}

}  // namespace
}  // namespace whittle::prove
