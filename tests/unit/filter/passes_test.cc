// Whatever the compiler does beyond the plain lowering changes no answer, and does something.
#include "filter/passes.h"

#include <gtest/gtest.h>

#include <map>

#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/lower.h"
#include "random_document.h"

namespace whittle::filter {
namespace {

using testing::Generator;
using testing::Language;

// All, none, each alone, all but each.
std::map<std::string, PassSet> PassSets() {
  std::map<std::string, PassSet> sets = {{"all", PassSet::All()}, {"none", PassSet::None()}};
  for (const auto& row : AllPasses()) {
    sets["only " + std::string(row.name)] = PassSet::Only(row.pass);
    sets["all but " + std::string(row.name)] = PassSet::All().Without(row.pass);
  }
  return sets;
}

// With a list of values of one argument, longer than random rules are.
profile::Document DocumentWithList(Generator& generator, Language language) {
  auto document = generator.Document(language);
  const auto index = static_cast<uint32_t>(generator.Below(2));
  for (size_t count = generator.Below(12); count > 0; --count) {
    auto& rule = document.rules.emplace_back();
    rule.names = {"prctl"};
    rule.action = profile::Action::kTrace;
    rule.conditions = {{index, profile::Operator::kEqual, generator.Below(40), 0}};
  }
  return document;
}

TEST(Passes, NoneOfThemChangesAnAnswer) {
  Generator generator(20261128);
  const auto sets = PassSets();
  for (int round = 0; round < 400 && !HasFailure(); ++round) {
    const auto document = DocumentWithList(generator, static_cast<Language>(round % 3));
    const Meaning meaning = MeaningOf(document, generator.Target());
    if (meaning.state != Compiled::State::kFiltered) continue;
    const auto calls = generator.Calls(document, 100);
    for (const auto& [name, passes] : sets) {
      const Program program = Lower(meaning, passes, round % 2 == 0 ? Halving::kQuick : Halving::kShort);
      for (const auto& call : calls) {
        const Decision meant = Decide(meaning, call);
        const Verdict got = Evaluate(program, call);
        ASSERT_EQ(profile::VerdictText(got.action, got.data), profile::VerdictText(meant.action, meant.data))
            << name << ": " << CallText(call) << "\n"
            << profile::Write(document);
      }
    }
  }
}

TEST(Passes, EachMakesSomeProgramShorterOrSomeWayThroughIt) {
  Generator generator(5);
  std::map<Pass, int> better;
  for (int round = 0; round < 200; ++round) {
    const auto document = DocumentWithList(generator, Language::kWhole);
    const Meaning meaning = MeaningOf(document, generator.Target());
    if (meaning.state != Compiled::State::kFiltered) continue;
    const auto calls = generator.Calls(document, 20);
    const auto cost = [&](PassSet passes) {
      const Program program = Lower(meaning, passes);
      size_t steps = program.size();
      for (const auto& call : calls) steps += Evaluate(program, call).steps;
      return steps;
    };
    const size_t with_all = cost(PassSet::All());
    for (const auto& row : AllPasses()) better[row.pass] += with_all < cost(PassSet::All().Without(row.pass));
  }
  for (const auto& row : AllPasses()) EXPECT_GT(better[row.pass], 0) << row.name;
}

TEST(Passes, AnOptimizedDefaultIsAFractionOfThePlainOne) {
  profile::Target target;
  target.capabilities = profile::DefaultCapabilities();
  const auto document = profile::ReadProfile("docker-default");
  ASSERT_TRUE(document);
  const Meaning meaning = MeaningOf(*document, target);
  const auto call = ParseCall("exit_group", Abi::kX86_64);
  const Program plain = Lower(meaning, PassSet::None());
  const Program all = Lower(meaning, PassSet::All());
  EXPECT_LT(4 * all.size(), plain.size());
  EXPECT_LT(10 * Evaluate(all, *call).steps, Evaluate(plain, *call).steps);
}

TEST(Passes, ASetNeverHoldsAPassWithoutWhatItNeeds) {
  for (const auto& row : AllPasses()) {
    EXPECT_TRUE(PassSet::All().Has(row.pass));
    EXPECT_FALSE(PassSet::None().Has(row.pass));
    EXPECT_TRUE(PassSet::Only(row.pass).Has(row.pass));
    if (!row.needs) continue;
    EXPECT_TRUE(PassSet::Only(row.pass).Has(*row.needs));
    EXPECT_FALSE(PassSet::All().Without(*row.needs).Has(row.pass));
  }
}

}  // namespace
}  // namespace whittle::filter
