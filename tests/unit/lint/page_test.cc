// Every rule has a page, and the pages are true: what stands under "Fires" is found there and nowhere else,
// and what stands under "Silent" is not found.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "asked.h"
#include "base/file.h"
#include "base/text.h"
#include "lint/lint.h"
#include "lint/rule.h"

namespace whittle::lint {
namespace {

const std::string kFolder = WHITTLE_SOURCE_DIR "/docs/lint/";

// From one heading to the next.
std::string_view Section(std::string_view page, const std::string& heading) {
  const size_t at = page.find("\n## " + heading + "\n");
  if (at == page.npos) return "";
  const auto rest = page.substr(at + heading.size() + 5);
  return rest.substr(0, rest.find("\n## "));
}

// A line that stands for many: `LINE  // 4200 of these, values 1, 8, 15, ...`.
std::string Repeated(std::string_view line) {
  const size_t remark = line.find("  // ");
  if (remark == line.npos) return std::string(line);
  const auto words = Words(line.substr(remark + 5));
  const auto number = [&](size_t word) {
    return ParseUnsigned(words.at(word).substr(0, words.at(word).find(','))).value();
  };
  const std::string first = std::string(line.substr(0, remark));
  const std::string value = fmt::format("\"value\": {}", number(4));
  const size_t at = first.find(value);
  std::string all;
  for (uint64_t i = 0; i < number(0); ++i) {
    const uint64_t next = number(4) + i * (number(5) - number(4));
    all += (i == 0 ? "" : ",\n") + first.substr(0, at) + fmt::format("\"value\": {}", next) +
           first.substr(at + value.size());
  }
  return all;
}

// The block between the fences.
std::string Example(std::string_view section) {
  const size_t fence = section.find("```");
  const size_t begin = section.find('\n', fence) + 1;
  const auto block = section.substr(begin, section.find("\n```", begin) - begin);
  std::string text;
  for (const auto line : Lines(block)) text += Repeated(line) + "\n";
  return text;
}

// "- error at `/syscalls/0`" as "error /syscalls/0".
std::vector<std::string> Expected(std::string_view section) {
  std::vector<std::string> expected;
  for (const auto line : Lines(section)) {
    const auto words = Words(line);
    if (words.size() == 4 && words[0] == "-" && words[2] == "at")
      expected.push_back(fmt::format("{} {}", words[1], words[3].substr(1, words[3].size() - 2)));
  }
  return expected;
}

// "Asked with: `--pod-security restricted`": with which options, if any.
Options OptionsOf(std::string_view section) {
  constexpr std::string_view kWith = "Asked with: `";
  const size_t at = section.find(kWith);
  if (at == section.npos) return {};
  const auto rest = section.substr(at + kWith.size());
  return Asked(rest.substr(0, rest.find('`')));
}

std::vector<std::string> Found(const std::string& text, const Options& options, std::string_view rule) {
  std::vector<std::string> found;
  for (const auto& finding : Lint(text, options)) {
    if (finding.rule == rule)
      found.push_back(fmt::format("{} {}", SeverityName(finding.severity), finding.pointer));
  }
  return found;
}

class Page : public testing::TestWithParam<Rule> {
 protected:
  const std::string_view text_ = PageOf(GetParam().id);
};

TEST_P(Page, BeginsWithWhatTheTableSays) {
  const auto& rule = GetParam();
  EXPECT_TRUE(text_.starts_with(
      fmt::format("# {}\n\n**{}**: {}\n\n", rule.id, SeverityName(rule.severity), rule.text)))
      << text_.substr(0, 200);
  EXPECT_FALSE(Section(text_, "What to do").empty());
}

TEST_P(Page, FiresWhereItSays) {
  const auto section = Section(text_, "Fires");
  const auto expected = Expected(section);
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(Found(Example(section), OptionsOf(section), GetParam().id), expected)
      << Example(section).substr(0, 2000);
}

TEST_P(Page, IsSilentWhereItSays) {
  const auto section = Section(text_, "Silent");
  const std::string example = Example(section);
  ASSERT_FALSE(example.empty());
  EXPECT_EQ(Found(example, OptionsOf(section), GetParam().id), std::vector<std::string>{})
      << example.substr(0, 2000);
  constexpr std::string_view kUnread[] = {"json-syntax", "invalid-member", "yaml-syntax"};
  for (const auto& finding : Lint(example))
    EXPECT_EQ(std::ranges::find(kUnread, finding.rule), std::end(kUnread)) << finding.message;
}

INSTANTIATE_TEST_SUITE_P(Rules, Page, testing::ValuesIn(Rules().begin(), Rules().end()), [](const auto& of) {
  std::string name(of.param.id);
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Pages, AreThoseOfTheTableAndListedInTheIndex) {
  std::set<std::string> files, ids;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) files.insert(entry.path().stem());
  const auto index = ReadFile(WHITTLE_SOURCE_DIR "/docs/lint.md");
  ASSERT_TRUE(index);
  for (const auto& rule : Rules()) {
    ids.emplace(rule.id);
    const auto row = fmt::format("| [{}](lint/{}.md) | {} | {} |", rule.id, rule.id,
                                 SeverityName(rule.severity), rule.text);
    EXPECT_NE(index->find(row), std::string::npos) << row;
  }
  EXPECT_EQ(files, ids);
  EXPECT_EQ(ids.size(), Rules().size()) << "an id stands for one rule";
}

}  // namespace
}  // namespace whittle::lint
