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

// A document, who refuses it (or installs nothing), and the place that is named.
struct Refused {
  std::string_view text;
  profile::Target target;
  std::string_view where;
};

TEST(Meaning, WhatIsRefusedHasAPlaceInTheFile) {
  profile::Target docker;
  docker.loader_version = {28, 5, 2};
  docker.runtime_version = {1, 3, 0};
  profile::Target crun;
  crun.loader = profile::Loader::kOci;
  crun.runtime = profile::Runtime::kCrun;
  crun.runtime_version = {1, 8, 1};
  profile::Target podman = crun;
  podman.loader = profile::Loader::kPodman;
  const Refused all[] = {
      {"{\"defaultAction\": \"SCMP_ACT_ERRNO\",\n \"flags\": [\"SECCOMP_FILTER_FLAG_NONE\"]}", docker,
       "p.json:2:11: /flags"},
      {"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"SCMP_ARCH_X86\"],\n"
       " \"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\"}]}",
       docker, "p.json:2:13: /archMap"},
      {"{\"defaultAction\": \"SCMP_ACT_ERRNO\",\n\"architectures\": [\"SCMP_ARCH_S390\"]}", docker,
       "p.json:2:18: /architectures"},
      {"{\"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": [\"SCMP_ARCH_S390\"]}],"
       " \"defaultAction\": \"SCMP_ACT_ERRNO\"}",
       docker, "p.json:1:13: /archMap"},
      {"{\n\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", docker, "p.json:2:18: /defaultAction"},
      {"{\"defaultAction\": \"SCMP_ACT_ERRNO\",\n  \"defaultErrnoRet\": 5000}", docker,
       "p.json:2:22: /defaultErrnoRet"},
      {"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"listenerPath\": \"x\"}", crun,
       "p.json:1:53: /listenerPath"},
      {"\n {\"flags\": []}", crun, "p.json:2:2: /"},
      {"{\"defaultAction\": \"SCMP_ACT_ERRNO\",\n \"defaultErrno\": \"EWHAT\"}", podman,
       "p.json:2:18: /defaultErrno"},
      {"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [\n{\"names\": [\"read\"], "
       "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 5000}]}",
       docker, "p.json:2:1: /syscalls/0/errnoRet"},
  };
  for (const auto& one : all) {
    SCOPED_TRACE(one.text);
    const auto document = profile::Read(one.text, "p.json", profile::Reading::kAsRuntimes);
    ASSERT_TRUE(document) << document.error().message;
    const Meaning meaning = MeaningOf(*document, one.target);
    EXPECT_EQ(meaning.state, Compiled::State::kRefused);
    EXPECT_EQ(meaning.where, one.where) << meaning.why;
  }
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
