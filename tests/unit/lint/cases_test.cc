// tests/cases/lint/kinds.txt, readings.txt, siblings.txt: kinds of faults and their variations, with the
// findings that each must give and the places that must stay silent.
#include <gtest/gtest.h>

#include "case_file.h"
#include "lint/lint.h"

namespace whittle::lint {
namespace {

class Cases : public testing::TestWithParam<std::string> {};

TEST_P(Cases, GiveTheirFindings) {
  const auto cases = ReadCases(WHITTLE_SOURCE_DIR "/tests/cases/lint/" + GetParam() + ".txt");
  ASSERT_GT(cases.size(), 10u);
  for (const auto& one : cases) {
    ASSERT_FALSE(one.wanted.empty()) << one.line;
    const auto findings = Lint(one.text);
    std::string found;
    for (const auto& finding : findings) found += Text(finding) + ": " + finding.message + "\n";
    for (const auto& wanted : one.wanted)
      EXPECT_TRUE(Holds(wanted, findings))
          << GetParam() << ".txt:" << one.line << ": " << one.name << ": " << wanted << "; found:\n"
          << found;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Cases, testing::Values("kinds", "readings", "siblings"),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace whittle::lint
