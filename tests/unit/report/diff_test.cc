// Forms of a behaviour diff: what they must keep, whatever stands in them.
#include "report/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>

namespace whittle::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// B allows what A refuses, everywhere.
DiffReport Looser() {
  const std::vector<filter::Program> first = {{{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 1}}};
  DiffReport report;
  report.diff = *advise::BehaviourDiff(first, {});
  report.first.name = "a.json";
  report.second.name = "b.json";
  return report;
}

TEST(DiffMarkdown, NamesOfFilesAreNoMarkup) {
  DiffReport report = Looser();
  report.second.name = "x|y`z` <img src=q> @team [a](http://b) **c**\n# d";
  const std::string text = DiffMarkdown(report);
  EXPECT_THAT(text, Not(HasSubstr("<img")));
  EXPECT_THAT(text, Not(HasSubstr("@team")));
  EXPECT_THAT(text, Not(HasSubstr("`z`")));
  EXPECT_THAT(text, Not(HasSubstr("](")));
  EXPECT_THAT(text, Not(HasSubstr("**c")));
  EXPECT_THAT(text, Not(HasSubstr("\n# d")));
  EXPECT_THAT(text, HasSubstr("x&#124;y"));
}

TEST(DiffText, ColourIsAddedOnlyWhereAllowed) {
  EXPECT_THAT(DiffText(Looser(), Colour::kNever), Not(HasSubstr("\x1b")));
  EXPECT_THAT(DiffText(Looser(), Colour::kAllowed), HasSubstr("\x1b[31mlooser\x1b[0m"));
}

TEST(DiffText, NamesOfFilesArePrintable) {
  DiffReport report = Looser();
  report.first.name = "a\x1b[2J.json";
  EXPECT_THAT(DiffText(report, Colour::kNever), Not(HasSubstr("\x1b")));
}

TEST(DiffText, UndecidedIsNeverSaidToBeEqual) {
  DiffReport report;
  report.diff.undecided = {{Abi::kX86_64, 321, 321}};
  EXPECT_THAT(DiffText(report, Colour::kNever), HasSubstr("undecided x86_64 bpf"));
  EXPECT_THAT(DiffText(report, Colour::kNever), Not(HasSubstr("same")));
  EXPECT_THAT(DiffMarkdown(report), HasSubstr("**Undecided**"));
  EXPECT_THAT(json::Write(DiffJson(report)), HasSubstr("\"answer\": \"undecided\""));
  EXPECT_THAT(json::Write(DiffSarif(report, "1")), HasSubstr("Undecided: x86_64 bpf"));
  EXPECT_FALSE(report.different());
}

TEST(DiffSarif, HasWhatTheSchemaRequires) {
  const auto value = DiffSarif(Looser(), "1.2");
  EXPECT_EQ(value.Find("version")->text, "2.1.0");
  const auto& run = value.Find("runs")->items.at(0);
  EXPECT_EQ(run.Find("tool")->Find("driver")->Find("name")->text, "whittle");
  const auto& rules = run.Find("tool")->Find("driver")->Find("rules")->items;
  ASSERT_FALSE(run.Find("results")->items.empty());
  for (const auto& result : run.Find("results")->items) {
    const auto index = static_cast<size_t>(result.Find("ruleIndex")->number);
    EXPECT_EQ(rules.at(index).Find("id")->text, result.Find("ruleId")->text);
    EXPECT_FALSE(result.Find("message")->Find("text")->text.empty());
    const auto* place = result.Find("locations")->items.at(0).Find("physicalLocation");
    EXPECT_EQ(place->Find("artifactLocation")->Find("uri")->text, "b.json");
    EXPECT_GE(place->Find("region")->Find("startLine")->number, 1u);
  }
}

}  // namespace
}  // namespace whittle::report
