// tests/cases/lint/manifests.txt: kinds of faults that manifests have, and their variations.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "asked.h"
#include "base/text.h"
#include "case_file.h"
#include "lint/lint.h"

namespace whittle::lint {
namespace {

// Every finding is one that is wanted: what must stay silent does. Of a case that names rules to be silent
// only these are.
bool IsWanted(const Finding& finding, const Case& one) {
  return std::ranges::any_of(one.wanted, [&](const std::string& wanted) {
    return wanted.substr(0, wanted.find(" says ")) == Text(finding) || wanted.starts_with("no-finding");
  });
}

TEST(Manifests, GiveTheirFindingsAndNoOthers) {
  const auto cases = ReadCases(WHITTLE_SOURCE_DIR "/tests/cases/lint/manifests.txt");
  ASSERT_GT(cases.size(), 50u);
  for (const auto& one : cases) {
    ASSERT_FALSE(one.wanted.empty()) << one.line;
    const auto options = Asked(one.asked);
    const auto findings = Lint(one.text, options);
    const std::string place = fmt::format("manifests.txt:{}: {}", one.line, one.name);
    std::string found;
    for (const auto& finding : findings) {
      found += fmt::format("{}: {}; {}\n", Text(finding), finding.message, finding.fix);
      EXPECT_TRUE(IsWanted(finding, one)) << place << ": not wanted: " << found;
      EXPECT_TRUE(finding.at.line >= 1 && finding.at.line <= Lines(one.text).size() + 1) << place;
    }
    for (const auto& wanted : one.wanted) {
      if (wanted == "nothing") continue;
      EXPECT_TRUE(Holds(wanted, findings)) << place << ": " << wanted << "; found:\n" << found;
    }
  }
}

TEST(Manifests, TellOfTwoLongNamesWhereEachStands) {
  const std::string name(60, 'n');
  const std::string annotation = "container.seccomp.security.alpha.kubernetes.io/" + name;
  const auto findings = Lint(fmt::format(R"(apiVersion: v1
kind: Pod
metadata:
  annotations:
    {0}-a: unconfined
    {0}-b: unconfined
spec: {{containers: [{{name: {1}-a}}, {{name: {1}-b}}], securityContext: {{seccompProfile: {{type: RuntimeDefault}}}}}}
)",
                                         annotation, name));
  std::vector<uint32_t> lines;
  for (const auto& finding : findings) {
    if (finding.rule == "seccomp-annotation") lines.push_back(finding.at.line);
  }
  EXPECT_EQ(lines, (std::vector<uint32_t>{5, 6}));
}

}  // namespace
}  // namespace whittle::lint
