// The tables under tests/cases/import: inputs and what they have to give. The form of a table stands in
// tests/cases/import/README.md.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "import/import.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

struct File {
  std::string name, text;
};
struct Case {
  std::string name, where;
  std::vector<File> inputs;
  std::vector<std::string> calls, gaps, warnings, refuses;
  uint64_t not_understood = 0;
  Abi native = Abi::kX86_64;
};

// One table: cases of one format.
std::vector<Case> ReadTable(const std::string& format) {
  const std::string path = fmt::format("{}/tests/cases/import/{}.txt", WHITTLE_SOURCE_DIR, format);
  const auto read = ReadFile(path);
  EXPECT_TRUE(read) << path;
  const std::string text = read.value_or("");
  std::vector<Case> cases;
  std::string section;
  int number = 0;
  for (const auto line : Lines(text)) {
    ++number;
    if (line.starts_with("@@ ")) {
      const auto words = Words(line.substr(3));
      section = words[0];
      const std::string rest(Trim(line.substr(3 + section.size())));
      if (section == "case") cases.push_back({rest, fmt::format("{}:{}", path, number), {}, {}, {}, {}, {}});
      if (section == "input") cases.back().inputs.push_back({rest.empty() ? "input" : rest, ""});
      if (section == "not-understood") cases.back().not_understood = *ParseUnsigned(rest);
      if (section == "native") cases.back().native = *ParseAbi(rest);
      if (section == "warns") cases.back().warnings.push_back(rest);
      if (section == "refuses") cases.back().refuses.push_back(rest);
      continue;
    }
    if (section == "input") cases.back().inputs.back().text += std::string(line) + "\n";
    if (line.empty()) continue;
    if (section == "calls") cases.back().calls.emplace_back(line);
    if (section == "gaps") cases.back().gaps.emplace_back(line);
  }
  return cases;
}

Settings SettingsOf(const Case& one) {
  Settings settings;
  settings.native = one.native;
  if (one.refuses.empty()) return settings;
  settings.enforced = [refuses = one.refuses](Abi abi, uint32_t number) {
    const bool listed = std::ranges::find(refuses, SyscallText(abi, number)) != refuses.end();
    return Enforced{listed ? Enforced::Kind::kRefuses : Enforced::Kind::kAllows, listed ? 1U : 0U};
  };
  return settings;
}

// "x86_64 read allowed /bin/sh 3", cut to as many words as are wanted.
std::string RowText(const Rows::value_type& row, size_t words) {
  const auto& [subject, key] = row.first;
  std::string text =
      fmt::format("{} {} {}", AbiName(key.abi), SyscallText(key.abi, key.number), FateName(key.fate));
  if (words > 3) text += " " + Printable(subject.executable);
  if (words > 4) text += fmt::format(" {}", row.second.count);
  return text;
}

std::vector<std::string> CallsOf(const Imported& imported, const Case& one) {
  std::set<std::string> lines;
  const size_t words = one.calls.empty() ? 3 : Words(one.calls.front()).size();
  for (const auto& row : imported.rows) lines.insert(RowText(row, words));
  return {lines.begin(), lines.end()};
}

// "KIND COUNT", "KIND COUNT possible".
std::vector<std::string> GapsOf(const Imported& imported) {
  std::vector<std::string> lines;
  for (const auto& gap : imported.evidence.gaps) {
    lines.push_back(
        fmt::format("{} {}{}", gap.kind, gap.count, gap.detail.starts_with("possible: ") ? " possible" : ""));
  }
  return lines;
}

void Check(const Case& one, const std::vector<File>& inputs) {
  SCOPED_TRACE(one.where + ": " + one.name);
  std::string start;
  for (const auto& input : inputs) start += input.text;
  const auto format = DetectFormat(start, "input");
  ASSERT_TRUE(format) << format.error().message;
  Options options;
  options.settings = SettingsOf(one);
  Importer importer(**format, options.settings);
  for (const auto& input : inputs) {
    importer.BeginFile(input.name, input.name, ComesInEnvelopes(input.text, **format));
    importer.Feed(input.text);
    const auto ended = importer.EndFile();
    ASSERT_TRUE(ended) << ended.error().message;
  }
  const auto imported = Finish(importer, "", options);
  EXPECT_THAT(CallsOf(imported, one), testing::UnorderedElementsAreArray(one.calls));
  EXPECT_THAT(GapsOf(imported), testing::UnorderedElementsAreArray(one.gaps));
  EXPECT_EQ(imported.not_understood, one.not_understood) << testing::PrintToString(imported.complaints);
  for (const auto& wanted : one.warnings) {
    EXPECT_THAT(imported.warnings, testing::Contains(testing::HasSubstr(wanted)));
  }
  const auto again = evidence::Read(evidence::Write(imported.evidence), "written");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, imported.evidence);
}

class ImportCases : public testing::TestWithParam<const char*> {};

TEST_P(ImportCases, GiveTheCallsAndTheGapsThatTheTableStates) {
  const auto cases = ReadTable(GetParam());
  EXPECT_FALSE(cases.empty());
  for (const auto& one : cases) Check(one, one.inputs);
}

TEST_P(ImportCases, PiecesOfALogMayComeInAnyOrder) {
  for (const auto& one : ReadTable(GetParam())) {
    const auto format = DetectFormat(one.inputs.front().text, "input");
    if (one.inputs.size() < 2 || !format || (*format)->files != Files::kOneLog) continue;
    auto inputs = one.inputs;
    std::ranges::reverse(inputs);
    Check(one, inputs);
  }
}

INSTANTIATE_TEST_SUITE_P(Tables, ImportCases,
                         testing::Values("audit", "journal", "dmesg", "strace", "perf", "events", "sysdig",
                                         "bpftrace", "profile", "systemd", "minijail", "calls"),
                         [](const auto& table) { return std::string(table.param); });

}  // namespace
}  // namespace whittle::import
