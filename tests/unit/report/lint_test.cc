// Forms of what lint found: what they must keep, whatever stands in them.
#include "report/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lint/rule.h"

namespace whittle::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Linted Found(const std::string& file, lint::Severity severity, const std::string& message, size_t times = 1) {
  lint::Finding finding;
  finding.rule = "unknown-name";
  finding.severity = severity;
  finding.pointer = "/syscalls/0/names/1";
  finding.at = {7, 3};
  finding.message = message;
  return {file, std::vector<lint::Finding>(times, finding)};
}

std::string MarkdownOf(const Linted& linted) { return LintMarkdown({&linted, 1}); }

TEST(LintMarkdown, NamesAndMessagesAreNoMarkup) {
  const std::string text = MarkdownOf(
      Found("a|b`c`\n# d.json", lint::Severity::kError, "'<img src=x>' @team [a](http://b) | **c**"));
  for (const char* markup : {"<img", "@team", "](", "`c`", "**c", "\n# d"})
    EXPECT_THAT(text, Not(HasSubstr(markup)));
  EXPECT_THAT(text, HasSubstr("a&#124;b"));
  EXPECT_THAT(text, HasSubstr(":7 |"));
}

TEST(LintMarkdown, OnlyWhatIsGoodToKnowIsFoldedAway) {
  EXPECT_THAT(MarkdownOf(Found("a", lint::Severity::kError, "m")), Not(HasSubstr("<details>")));
  EXPECT_THAT(MarkdownOf(Found("a", lint::Severity::kWarning, "m")), Not(HasSubstr("<details>")));
  EXPECT_THAT(MarkdownOf(Found("a", lint::Severity::kInfo, "m")), HasSubstr("<details>"));
  EXPECT_EQ(LintMarkdown({}), "### seccomp: lint\n\n0 errors, 0 warnings, 0 infos in 0 files.\n");
}

TEST(LintMarkdown, ALongTableSaysHowMuchIsMissing) {
  EXPECT_THAT(MarkdownOf(Found("a", lint::Severity::kError, "m", 50)), Not(HasSubstr("more:")));
  EXPECT_THAT(MarkdownOf(Found("a", lint::Severity::kError, "m", 53)), HasSubstr("\n3 more:"));
}

TEST(LintSarif, AFileIsNamedAsInTheRepository) {
  const auto uri = [](const std::string& file) {
    const auto linted = Found(file, lint::Severity::kError, "m");
    const auto value = LintSarif({&linted, 1}, "1");
    const auto& result = value.Find("runs")->items.at(0).Find("results")->items.at(0);
    const auto* place = result.Find("locations")->items.at(0).Find("physicalLocation");
    return place->Find("artifactLocation")->Find("uri")->text;
  };
  EXPECT_EQ(uri("profiles/web.json"), "profiles/web.json");
  EXPECT_EQ(uri("./-web.json"), "-web.json");
  EXPECT_EQ(uri("./././web.json"), "web.json");
  EXPECT_EQ(uri("a b%c#d?e:f.json"), "a%20b%25c%23d%3Fe%3Af.json");
  EXPECT_EQ(uri("/srv/web.json"), "file:///srv/web.json");
  EXPECT_EQ(uri("../web.json"), "../web.json");
}

TEST(LintSarif, SaysWhichAnalysisItIsAndWhyARuleIsOne) {
  const auto value = LintSarif({}, "1");
  const auto& run = value.Find("runs")->items.at(0);
  EXPECT_EQ(run.Find("automationDetails")->Find("id")->text, "whittle/lint/");
  const auto& rules = run.Find("tool")->Find("driver")->Find("rules")->items;
  ASSERT_EQ(rules.size(), lint::Rules().size());
  for (const auto& rule : rules) {
    EXPECT_THAT(rule.Find("help")->Find("markdown")->text, HasSubstr("## What to do"));
    EXPECT_THAT(rule.Find("help")->Find("markdown")->text, Not(HasSubstr("## Fires")));
    EXPECT_FALSE(rule.Find("fullDescription")->Find("text")->text.empty());
  }
}

}  // namespace
}  // namespace whittle::report
