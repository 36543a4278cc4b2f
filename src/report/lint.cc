#include "report/lint.h"

#include <fmt/core.h>

#include <array>
#include <map>

#include "base/text.h"
#include "lint/rule.h"
#include "report/markdown.h"
#include "report/sarif.h"
#include "report/summary.h"

namespace whittle::report {
namespace {

using lint::Finding;
using lint::Severity;

SarifLevel LevelOf(Severity severity) {
  if (severity == Severity::kError) return SarifLevel::kError;
  return severity == Severity::kWarning ? SarifLevel::kWarning : SarifLevel::kNote;
}

std::string SeverityText(Severity severity, const LintLook& look) {
  constexpr std::array<std::string_view, 3> kColours = {"36", "33", "31"};  // cyan, yellow, red
  const auto name = lint::SeverityName(severity);
  if (!look.colour) return std::string(name);
  return fmt::format("\033[1;{}m{}\033[0m", kColours[static_cast<size_t>(severity)], name);
}

std::string FindingText(const std::string& file, const Finding& finding, const LintLook& look) {
  std::string text =
      fmt::format("{}:{}:{}: {}: {}: {} [{}]\n", Printable(file), finding.at.line, finding.at.column,
                  SeverityText(finding.severity, look), finding.pointer, finding.message, finding.rule);
  if (!finding.fix.empty()) text += fmt::format("    {}\n", finding.fix);
  return text;
}

// Fifty findings of one kind are one thing to know: the first few are shown, the others counted.
std::string FileText(const Linted& linted, const LintLook& look) {
  std::string text;
  std::map<std::pair<Severity, std::string_view>, size_t> count;
  const auto most = [&](Severity severity) -> size_t {
    if (look.all) return SIZE_MAX;
    return severity == Severity::kInfo ? 5 : 10;
  };
  for (const auto& finding : linted.findings) {
    if (++count[{finding.severity, finding.rule}] <= most(finding.severity))
      text += FindingText(linted.file, finding, look);
  }
  for (const auto& [kind, found] : count) {
    if (found > most(kind.first))
      text += fmt::format("{}: {} more of {} [{}] (--all shows them)\n", Printable(linted.file),
                          found - most(kind.first), SeverityText(kind.first, look), kind.second);
  }
  return text;
}

// Its page without the examples.
std::string HelpOf(const lint::Rule& rule) {
  const auto page = lint::PageOf(rule.id);
  return std::string(Trim(page.substr(0, page.find("\n## Fires"))));
}

constexpr size_t kRows = 50;  // of a table of Markdown

std::string MarkdownRow(const std::string& file, const Finding& finding) {
  const std::string fix = finding.fix.empty() ? "" : "<br>To do: " + MarkdownText(finding.fix);
  return fmt::format("| {} | {}:{} | {}{} | {} |\n", lint::SeverityName(finding.severity), MarkdownCode(file),
                     finding.at.line, MarkdownText(finding.pointer + ": " + finding.message), fix,
                     finding.rule);
}

// The findings of one severity as a table; empty if there are none.
std::string MarkdownTable(std::span<const Linted> files, Severity severity) {
  std::string rows;
  size_t found = 0;
  for (const auto& linted : files) {
    for (const auto& finding : linted.findings) {
      if (finding.severity == severity && ++found <= kRows) rows += MarkdownRow(linted.file, finding);
    }
  }
  if (found > kRows) rows += fmt::format("\n{} more: `whittle lint --all` shows them.\n", found - kRows);
  return found == 0 ? "" : "\n| | where | what | rule |\n|---|---|---|---|\n" + rows;
}

}  // namespace

std::string LintText(std::span<const Linted> files, const LintLook& look) {
  std::string text;
  for (const auto& linted : files) text += FileText(linted, look);
  return text;
}

std::string LintSummary(std::span<const Linted> files) {
  std::array<uint64_t, 3> counts{};
  for (const auto& linted : files) {
    for (const auto& finding : linted.findings) ++counts[static_cast<size_t>(finding.severity)];
  }
  return fmt::format("{}, {}, {} in {}", Counted(counts[2], "error"), Counted(counts[1], "warning"),
                     Counted(counts[0], "info"), Counted(files.size(), "file"));
}

json::Value LintJson(std::span<const Linted> files) {
  std::vector<json::Value> values;
  for (const auto& linted : files) {
    for (const auto& finding : linted.findings) {
      values.push_back(json::Object({{"rule", finding.rule},
                                     {"severity", lint::SeverityName(finding.severity)},
                                     {"file", linted.file},
                                     {"pointer", finding.pointer},
                                     {"line", finding.at.line},
                                     {"column", finding.at.column},
                                     {"message", finding.message},
                                     {"fix", finding.fix}}));
    }
  }
  return json::Array(std::move(values));
}

std::string LintMarkdown(std::span<const Linted> files) {
  std::string text = fmt::format("### seccomp: lint\n\n{}.\n", LintSummary(files));
  text += MarkdownTable(files, Severity::kError) + MarkdownTable(files, Severity::kWarning);
  const std::string infos = MarkdownTable(files, Severity::kInfo);
  return infos.empty() ? text : text + MarkdownFolded("Good to know", std::string_view(infos).substr(1));
}

json::Value LintSarif(std::span<const Linted> files, std::string_view tool_version) {
  std::vector<SarifRule> rules;
  for (const auto& rule : lint::Rules())
    rules.push_back({std::string(rule.id), std::string(rule.text), HelpOf(rule)});
  std::vector<SarifResult> results;
  for (const auto& linted : files) {
    for (const auto& finding : linted.findings) {
      const std::string fix = finding.fix.empty() ? "" : fmt::format(" To do: {}.", finding.fix);
      results.push_back({std::string(finding.rule), LevelOf(finding.severity),
                         fmt::format("{}: {}.{}", finding.pointer, finding.message, fix), linted.file,
                         finding.at, finding.pointer + "\n" + finding.message});
    }
  }
  return Sarif("lint", tool_version, rules, results);
}

}  // namespace whittle::report
