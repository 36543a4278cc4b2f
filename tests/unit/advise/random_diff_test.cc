// Random pairs of profiles: every verdict that differs is in a change, and no other.
#include <gtest/gtest.h>

#include <algorithm>

#include "../filter/random_document.h"
#include "advise/differing.h"
#include "filter/compile.h"

namespace whittle::advise {
namespace {

std::vector<filter::Program> Stack(const filter::Program& program) {
  return std::vector<filter::Program>(1, program);
}

using filter::testing::Generator;
using filter::testing::Language;

bool Holds(const Condition& condition, const filter::Call& call) {
  const auto holds = [&](const Literal& literal) {
    const uint64_t value = literal.quantity == kInstructionPointer
                               ? call.instruction_pointer
                               : call.arguments[static_cast<size_t>(literal.quantity)];
    return literal.values.Contains(value);
  };
  const bool any = std::ranges::any_of(
      condition.clauses, [&](const Clause& clause) { return std::ranges::all_of(clause, holds); });
  return any != condition.unless;
}

// x86-64 and x32 are told apart by the number; -1 is counted for x86-64.
Abi AbiOf(const filter::Call& call) {
  if (AuditArch(call.abi) != AuditArch(Abi::kX86_64)) return call.abi;
  return (call.number & kX32Bit) != 0 && call.number != UINT32_MAX ? Abi::kX32 : Abi::kX86_64;
}

bool Covers(const Difference& difference, const filter::Call& call) {
  if (difference.place.abi != AbiOf(call)) return false;
  const bool numbered = std::ranges::any_of(difference.regions, [&](const prove::Region& region) {
    return region.from <= call.number && call.number <= region.to;
  });
  return numbered && Holds(difference.condition, call);
}

bool Same(const filter::Verdict& a, const filter::Verdict& b) {
  return prove::Canonical(profile::ReturnValue(a.action, a.data)) ==
         prove::Canonical(profile::ReturnValue(b.action, b.data));
}

struct Counts {
  int documents = 0, calls = 0, different = 0;
};

void Check(const filter::Program& a, const filter::Program& b, std::span<const filter::Call> calls,
           Counts& counts) {
  const auto first_stack = Stack(a);
  const auto second_stack = Stack(b);
  const auto sides = prove::PutSideBySide({{first_stack}}, {{second_stack}}, 1'000'000);
  ASSERT_TRUE(sides);
  ASSERT_TRUE(sides->decided());
  const auto differences = DifferencesOf(*sides, Abi::kX86_64);
  ASSERT_TRUE(differences.listed_all);
  const auto changes = ChangesOf(differences);
  EXPECT_EQ(changes.empty(), differences.all.empty());
  ++counts.documents;
  for (const auto& call : calls) {
    const auto first = filter::Evaluate(a, call);
    const auto second = filter::Evaluate(b, call);
    const auto said = std::ranges::find_if(
        differences.all, [&](const auto& d) { return d.condition.complete && Covers(d, call); });
    const bool incomplete =
        std::ranges::any_of(differences.all, [](const auto& d) { return !d.condition.complete; });
    ++counts.calls;
    if (said != differences.all.end()) {
      ++counts.different;
      ASSERT_TRUE(Same(said->first, first) && Same(said->second, second))
          << AbiName(call.abi) << " " << call.number;
    } else if (!incomplete && std::ranges::find(differences.abis, AbiOf(call)) != differences.abis.end()) {
      ASSERT_TRUE(Same(first, second)) << AbiName(call.abi) << " " << call.number;
    }
  }
}

TEST(RandomDiff, SaysEveryDifferenceAndNoOther) {
  Generator generator(2026);
  Counts counts;
  for (int round = 0; round < 300; ++round) {
    const auto target = generator.Target();
    auto document = generator.Document(Language::kWhole);
    auto other = document;
    // Near relatives: one loses a rule or gets rules of a stranger.
    if (!other.rules.empty() && generator.Below(2) == 0)
      other.rules.erase(other.rules.begin() +
                        static_cast<std::ptrdiff_t>(generator.Below(other.rules.size())));
    const auto stranger = generator.Document(Language::kWhole);
    if (!stranger.rules.empty()) other.rules.push_back(generator.OneOf(stranger.rules));
    const auto a = filter::Compile(document, target);
    const auto b = filter::Compile(other, target);
    if (!a || !b || a->program.empty() || b->program.empty()) continue;
    auto calls = generator.Calls(document, 200);
    const auto more = generator.Calls(other, 200);
    calls.insert(calls.end(), more.begin(), more.end());
    Check(a->program, b->program, calls, counts);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(counts.documents, 100);
  EXPECT_GT(counts.different, 1000);
}

}  // namespace
}  // namespace whittle::advise
