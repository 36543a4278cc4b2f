// Where a document is known that says exactly what an operation comes to, Compose() finds one: what it lists
// as a deviation is no loss of its own making.
//
//   WHITTLE_ALGEBRA_ROUNDS=3000 algebra_test     # the full size
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "../filter/random_document.h"
#include "algebra/compose.h"
#include "filter/compile.h"
#include "rounds.h"

namespace whittle::algebra {
namespace {

using filter::Program;
using filter::testing::Generator;
using filter::testing::Language;
using profile::Action;
using profile::Document;
using profile::Target;
using ::testing::IsEmpty;

std::optional<Program> ProgramOf(const Document& document, const Target& target) {
  const auto compiled = filter::Compile(document, target);
  if (!compiled || compiled->state != filter::Compiled::State::kFiltered) return std::nullopt;
  return compiled->program;
}

// What the operation does to two programs, as the prover names it.
prove::Pointwise HowOf(Operation operation) {
  switch (operation) {
    case Operation::kMerge:
      return prove::Pointwise::kLoosest;
    case Operation::kIntersect:
      return prove::Pointwise::kStrictest;
    case Operation::kSubtract:
      break;
  }
  return prove::Pointwise::kWithout;
}

// True if the document gives each call the action that the operation asks for.
bool IsWitness(Operation operation, const Document& a, const Document& b, const Document& document,
               const Target& target) {
  const auto first = ProgramOf(a, target), second = ProgramOf(b, target), whole = ProgramOf(document, target);
  if (!first || !second || !whole) return false;
  const std::vector<std::vector<Program>> stacks = {{*first}, {*second}};
  const auto proof = prove::CompareWith(HowOf(operation), stacks, std::vector<Program>{*whole});
  if (!proof || !proof->undecided.empty()) return false;
  return std::ranges::all_of(proof->differences, [](const prove::Difference& difference) {
    return difference.change == prove::Change::kOther;
  });
}

// A document that may be what the operation makes of two others.
struct Known {
  Operation operation;
  Document first, second, whole;

  // The two are one, or one says all: then exactness does not hang on how rules are found.
  bool IsPart() const { return profile::Write(whole) == profile::Write(first); }
};

Document With(Document document, const std::vector<profile::Rule>& rules) {
  document.rules.insert(document.rules.end(), rules.begin(), rules.end());
  return document;
}

profile::Rule RuleOf(std::vector<std::string> names, Action action) {
  profile::Rule rule;
  rule.names = std::move(names);
  rule.action = action;
  return rule;
}

std::vector<Known> KnownOf(Generator& generator, Language language) {
  const auto a = generator.Document(language);
  const auto more = RuleOf({"sync", "dup"}, Action::kAllow);
  const auto other = RuleOf({"pause"}, Action::kAllow);
  return {{Operation::kIntersect, a, a, a},
          {Operation::kMerge, a, a, a},
          {Operation::kIntersect, With(a, {more}), With(a, {other}), a},
          {Operation::kMerge, With(a, {more}), With(a, {other}), With(a, {more, other})},
          {Operation::kMerge, a, With(a, generator.Document(language).rules), a},
          {Operation::kIntersect, a, With(a, generator.Document(language).rules), a}};
}

struct Tally {
  int witnesses = 0;
  int lost = 0;
};

void Check(const Known& known, Language language, const Target& target, Tally& tally) {
  if (!IsWitness(known.operation, known.first, known.second, known.whole, target)) return;
  ++tally.witnesses;
  const auto composed = Compose(known.operation, std::vector{known.first, known.second}, target);
  const bool lost = !composed || !composed->deviations.empty();
  tally.lost += lost ? 1 : 0;
  // Where rules of several actions meet in what socketcall and ipc stand for, some is lost.
  EXPECT_FALSE(lost && (known.IsPart() || language == Language::kGenerated))
      << target.Text() << ", operation " << static_cast<int>(known.operation) << ": "
      << (composed ? profile::Write(composed->document) : composed.error().message)
      << "\nis not what this is:\n"
      << profile::Write(known.whole) << "first:\n"
      << profile::Write(known.first) << "second:\n"
      << profile::Write(known.second);
}

TEST(Witness, WhatADocumentCanSayIsFound) {
  for (const bool old : {true, false}) {
    for (const Language language : {Language::kGenerated, Language::kReliable, Language::kWhole}) {
      Generator generator(47);
      generator.DrawOldNames(old);
      Tally tally;
      for (int round = 0; round < Rounds() && !HasFailure(); ++round) {
        for (const auto& known : KnownOf(generator, language))
          Check(known, language, generator.Target(), tally);
      }
      fmt::print("{} with a witness, {} of them lost\n", tally.witnesses, tally.lost);
      EXPECT_GT(tally.witnesses, Rounds());
      EXPECT_LE(tally.lost, tally.witnesses / 20);
    }
  }
}

Document Read(std::string_view rules, bool with_x32 = false) {
  const auto document = profile::Read(fmt::format(R"({{"defaultAction": "SCMP_ACT_ERRNO",
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"{}],
        "syscalls": [{{"names": ["read", "exit_group"], "action": "SCMP_ACT_ALLOW"}}, {}]}})",
                                                  with_x32 ? R"(, "SCMP_ARCH_X32")" : "", rules),
                                      "part.json");
  EXPECT_TRUE(document) << document.error().message;
  return *document;
}

const char* const kSocket1 = R"({"names": ["socket"], "action": "SCMP_ACT_ALLOW",
  "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]})";
const char* const kSocketTo2 = R"({"names": ["socket"], "action": "SCMP_ACT_ALLOW",
  "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_LE"}]})";
const char* const kShmat = R"({"names": ["shmat"], "action": "SCMP_ACT_ALLOW",
  "args": [{"index": 2, "value": 0, "op": "SCMP_CMP_EQ"}]})";

// i386 has had them on their own for a few years only: there the stub of runc answers them where no newer
// call is named, and a rule for x86_64 is as good as none.
TEST(Witness, CallsAboveTheStubOfOneAbiAreKeptOnTheOthers) {
  Target target;
  target.loader = profile::Loader::kDocker;
  target.runtime = profile::Runtime::kRunc;
  for (const bool with_x32 : {false, true}) {
    for (const auto& [first, second, whole] :
         {std::tuple{kSocket1, kSocket1, kSocket1}, std::tuple{kSocket1, kSocketTo2, kSocket1},
          std::tuple{kShmat, kShmat, kShmat}}) {
      const std::vector<Document> parts = {Read(first, with_x32), Read(second, with_x32)};
      ASSERT_TRUE(IsWitness(Operation::kIntersect, parts[0], parts[1], Read(whole, with_x32), target));
      const auto both = Compose(Operation::kIntersect, parts, target);
      ASSERT_TRUE(both) << both.error().message;
      EXPECT_THAT(both->deviations, IsEmpty()) << profile::Write(both->document);
    }
  }
}

TEST(Witness, ADifferenceKeepsWhatTheOtherDoesNotLetPassBelowAStub) {
  Target target;
  target.loader = profile::Loader::kDocker;
  target.runtime = profile::Runtime::kRunc;
  const auto rest = Compose(Operation::kSubtract, std::vector{Read(kSocketTo2), Read(kSocket1)}, target);
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_THAT(rest->deviations, IsEmpty()) << profile::Write(rest->document);
}

}  // namespace
}  // namespace whittle::algebra
