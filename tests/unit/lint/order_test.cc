// What is told to have no effect has none: random entries for few calls, of few constants, with and without
// the entry that is told. Which answers change is read off the meaning.
//   WHITTLE_ORDER_ROUNDS   how many random profiles (400)
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "base/text.h"
#include "filter/meaning.h"
#include "lint/lint.h"
#include "profile/document.h"
#include "profile/library_names.h"

namespace whittle::lint {
namespace {

constexpr uint64_t kOver = uint64_t{1} << 32;
constexpr uint64_t kConstants[] = {0, 1, 2, 3, 5, 6, kOver - 1, kOver + 2};
constexpr uint64_t kValues[] = {0, 1, 2, 3, 4, 5, 6, 7, kOver - 1, kOver, kOver + 2, kOver + 3, UINT64_MAX};

class RandomProfile {
 public:
  explicit RandomProfile(uint64_t seed) : random_(seed) {}

  std::string Text() {
    std::string entries;
    const size_t count = 2 + random_() % 5;
    for (size_t i = 0; i < count; ++i) entries += (i == 0 ? "" : ",\n") + Entry();
    return fmt::format(
        R"({{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],"syscalls":[{}]}})",
        entries);
  }

 private:
  std::string OneOf(const std::vector<std::string>& words) { return words[random_() % words.size()]; }

  std::string Condition(uint32_t argument) {
    const uint64_t value = kConstants[random_() % std::size(kConstants)];
    const auto op = OneOf({"EQ", "EQ", "NE", "LT", "LE", "GT", "GE", "MASKED_EQ", "MASKED_EQ", "MASKED_EQ"});
    return fmt::format(R"({{"index":{},"op":"SCMP_CMP_{}","value":{},"valueTwo":{}}})", argument, op, value,
                       value & kConstants[random_() % std::size(kConstants)]);
  }

  std::string Entry() {
    std::string conditions;
    const uint64_t arguments = 1 + random_() % 7;
    for (uint32_t i = 0; i < 3; ++i) {
      if ((arguments >> i & 1) != 0) conditions += (conditions.empty() ? "" : ",") + Condition(i);
    }
    return fmt::format(R"({{"names":["{}"],{},"args":[{}]}})", OneOf({"kill", "kill", "kill", "socket"}),
                       OneOf({R"("action":"SCMP_ACT_ALLOW")", R"("action":"SCMP_ACT_ALLOW")",
                              R"("action":"SCMP_ACT_ERRNO","errnoRet":13)"}),
                       conditions);
  }

  std::mt19937_64 random_;
};

// Every answer that the entries can change.
std::vector<uint32_t> Answers(const filter::Meaning& meaning) {
  std::vector<uint32_t> answers;
  for (const Abi abi : {Abi::kX86_64, Abi::kI386}) {
    for (const auto name : {"kill", "socket", "socketcall"}) {
      const auto number = profile::LibraryNumber(abi, name);
      if (!number) continue;
      for (const uint64_t first : kValues) {
        for (const uint64_t second : kValues) {
          for (const uint64_t third : kValues) {
            filter::Call call;
            call.abi = abi;
            call.number = *number;
            call.arguments = {first, second, third};
            answers.push_back(ReturnOf(filter::Decide(meaning, call)));
          }
        }
      }
    }
  }
  return answers;
}

void ExpectNoEffect(const profile::Document& document, size_t entry, const Finding& finding) {
  auto without = document;
  without.rules.erase(without.rules.begin() + static_cast<ptrdiff_t>(entry));
  for (const auto& target : UsualTargets()) {
    const auto meaning = filter::MeaningOf(document, target);
    const auto other = filter::MeaningOf(without, target);
    // Without an entry that is left out others may clash, which is told then.
    const auto filtered = filter::Compiled::State::kFiltered;
    if (meaning.state != filtered || other.state != filtered) continue;
    ASSERT_TRUE(Answers(meaning) == Answers(other))
        << target.Text() << ": " << finding.pointer << ": " << finding.message << "\n"
        << profile::Write(document);
  }
}

TEST(Order, WhatIsToldToHaveNoEffectHasNone) {
  const char* wanted = std::getenv("WHITTLE_ORDER_ROUNDS");
  const uint64_t rounds = ParseUnsigned(wanted == nullptr ? "400" : wanted).value_or(400);
  size_t shadowed = 0, repeated = 0;
  for (uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    const auto text = RandomProfile(seed).Text();
    const auto document = profile::Read(text, "profile.json");
    ASSERT_TRUE(document) << document.error().message;
    for (const auto& finding : Lint(text)) {
      if (finding.rule != "shadowed-rule" && finding.rule != "duplicate-rule") continue;
      ++(finding.rule == "shadowed-rule" ? shadowed : repeated);
      ExpectNoEffect(*document, *ParseUnsigned(finding.pointer.substr(10)), finding);
    }
  }
  EXPECT_GT(shadowed, rounds / 20);
  EXPECT_GT(repeated, rounds / 20);
  std::cout << "order: " << shadowed << " shadowed and " << repeated << " repeated entries of " << rounds
            << " random profiles\n";
}

}  // namespace
}  // namespace whittle::lint
