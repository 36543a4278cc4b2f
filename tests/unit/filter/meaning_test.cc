// The compiled filter gives the answer that the document means, for every part of the language.
#include "filter/meaning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/formula.h"
#include "filter/lower.h"
#include "random_document.h"

namespace whittle::filter {
namespace {

using testing::Generator;
using testing::Language;

std::string Text(const Decision& decision) { return profile::VerdictText(decision.action, decision.data); }

// One document against many calls; the number of verdicts compared.
size_t CompareMeaningAndProgram(Generator& generator, Language language, size_t calls) {
  const auto document = generator.Document(language);
  const auto target = generator.Target();
  const Meaning meaning = MeaningOf(document, target);
  const auto compiled = Compile(document, target);
  EXPECT_TRUE(compiled) << compiled.error().message;
  if (!compiled || meaning.state != Compiled::State::kFiltered) return 0;
  for (const auto& call : generator.Calls(document, calls)) {
    const Decision meant = Decide(meaning, call);
    const Verdict got = Evaluate(compiled->program, call);
    EXPECT_EQ(profile::VerdictText(got.action, got.data), Text(meant))
        << CallText(call) << " for " << target.Text() << "\n"
        << profile::Write(document);
    if (::testing::Test::HasFailure()) return 0;
  }
  return calls;
}

TEST(Meaning, TheCompiledFilterAnswersEveryCallAsTheDocumentMeans) {
  Generator generator(20261125);
  size_t verdicts = 0;
  for (int round = 0; round < 3000 && !HasFailure(); ++round) {
    verdicts += CompareMeaningAndProgram(generator, static_cast<Language>(round % 3), 100);
  }
  EXPECT_GE(verdicts, 100'000u);
  RecordProperty("verdicts", static_cast<int>(verdicts));
}

TEST(Meaning, EveryConditionMeansWhatItsLoweringTests) {
  Generator generator(7);
  for (int round = 0; round < 4000; ++round) {
    auto document = generator.Document(Language::kWhole);
    for (const auto& rule : document.rules) {
      for (const auto& condition : rule.conditions) {
        Formulas formulas;
        const auto root = formulas.Lower(condition, Abi::kX86_64, false);
        for (const auto& call : generator.Calls(document, 4)) {
          const uint64_t argument = call.arguments[condition.index];
          const auto words = WordsOfArgument(condition.index, Abi::kX86_64);
          auto at = root;
          while (at > Formulas::kTrue) {
            const auto& node = formulas.at(at);
            const uint32_t word =
                static_cast<uint32_t>(node.test.word == words.high ? argument >> 32 : argument);
            at = node.test.Matches(word) ? node.yes : node.no;
          }
          ASSERT_EQ(at == Formulas::kTrue, condition.Matches(argument))
              << ScmpOperatorName(condition.op) << " " << condition.value << " of " << argument;
        }
      }
    }
  }
}

TEST(Meaning, WhatOneTestImpliesOfAnotherIsTrueOfEveryValue) {
  // Four bits stand for all: the operators do not care about the width.
  std::vector<WordTest> tests;
  for (uint32_t value = 0; value < 8; ++value) {
    tests.push_back({4, WordTest::Op::kEqual, UINT32_MAX, value});
    if (value > 0) tests.push_back({4, WordTest::Op::kAtLeast, UINT32_MAX, value});
    for (uint32_t mask = 1; mask < 8; ++mask) {
      if ((value & ~mask) == 0) tests.push_back({4, WordTest::Op::kMasked, mask, value});
    }
  }
  for (const auto& known : tests) {
    for (const auto& asked : tests) {
      for (const bool holds : {false, true}) {
        const auto implied = Implied(known, holds, asked);
        if (!implied) continue;
        for (uint32_t value = 0; value < 16; ++value) {
          if (known.Matches(value) != holds) continue;
          EXPECT_EQ(asked.Matches(value), *implied);
        }
      }
    }
  }
}

}  // namespace
}  // namespace whittle::filter
