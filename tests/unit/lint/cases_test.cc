// tests/cases/lint/kinds.txt: kinds of faults and their variations, with the findings that each must give and the
// places that must stay silent.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "lint/lint.h"

namespace whittle::lint {
namespace {

struct Case {
  uint32_t line = 0;
  std::string name;
  std::string profile;
  std::vector<std::string> wanted;  // "error inverted-mask /syscalls/0/args/0", "no-finding /syscalls/1"
};

std::vector<Case> ReadCases(const std::string& path) {
  const auto text = ReadFile(path);
  EXPECT_TRUE(text);
  std::vector<Case> cases;
  uint32_t number = 0;
  for (const auto line : Lines(text ? std::string_view(*text) : "")) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("case: ")) {
      cases.push_back({number, std::string(line.substr(6)), "", {}});
    } else if (line.starts_with("profile: ")) {
      cases.back().profile = line.substr(9);
    } else {
      cases.back().wanted.emplace_back(line);
    }
  }
  return cases;
}

std::string Text(const Finding& finding) {
  return fmt::format("{} {} {}", SeverityName(finding.severity), finding.rule, finding.pointer);
}

bool Holds(const std::string& wanted, const std::vector<Finding>& findings) {
  const auto words = Words(wanted);
  if (words[0] == "no-finding") {  // at that place, or of that rule anywhere
    return std::ranges::none_of(findings, [&](const Finding& finding) {
      return words[1].starts_with('/') ? finding.pointer == words[1] : finding.rule == words[1];
    });
  }
  return std::ranges::any_of(findings, [&](const Finding& finding) { return Text(finding) == wanted; });
}

TEST(Cases, GiveTheirFindings) {
  const auto cases = ReadCases(WHITTLE_SOURCE_DIR "/tests/cases/lint/kinds.txt");
  ASSERT_GT(cases.size(), 50u);
  for (const auto& one : cases) {
    ASSERT_FALSE(one.wanted.empty()) << one.line;
    const auto findings = Lint(one.profile);
    std::string found;
    for (const auto& finding : findings) found += Text(finding) + ": " + finding.message + "\n";
    for (const auto& wanted : one.wanted)
      EXPECT_TRUE(Holds(wanted, findings))
          << "lint.txt:" << one.line << ": " << one.name << ": " << wanted << "; found:\n"
          << found;
  }
}

}  // namespace
}  // namespace whittle::lint
