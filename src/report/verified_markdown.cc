#include <fmt/core.h>

#include <utility>

#include "base/text.h"
#include "report/markdown.h"
#include "report/verified.h"

namespace whittle::report {
namespace {

using optimize::Finding;
using optimize::Verification;

constexpr size_t kRows = 50;

struct Row {
  std::string_view what;
  AlikeRow alike;
};

void AddRows(std::string_view what, const std::vector<Finding>& findings, std::vector<Row>& rows) {
  for (auto& alike : AlikeFindings(findings)) rows.push_back({what, std::move(alike)});
}

std::string RowText(const Row& row) {
  const auto& finding = *row.alike.first;
  return fmt::format("| {} | {} | {} | {} | {} |\n", row.what,
                     MarkdownCode(fmt::format("{} {}", AbiName(finding.abi), Join(row.alike.calls, ", "))),
                     MarkdownCode(finding.answer.verdict), MarkdownCode(SubjectName(finding.subject)),
                     MarkdownText(finding.answer.by));
}

std::string Calls(const Verification& verification) {
  std::vector<Row> rows;
  AddRows("refused", verification.refused, rows);
  AddRows("depends on arguments", verification.depends, rows);
  if (rows.empty()) return "";
  std::string text = "\n| | calls | answer | by whom | why |\n|---|---|---|---|---|\n";
  for (size_t at = 0; at < rows.size() && at < kRows; ++at) text += RowText(rows[at]);
  if (rows.size() > kRows)
    text += fmt::format("\n{} more rows: `whittle verify` shows them.\n", rows.size() - kRows);
  return text;
}

std::string Baseline(const Verification& verification) {
  if (verification.baseline_refused.empty()) return "";
  std::vector<std::string> answers;
  for (const auto& [row, answer] : verification.baseline_refused)
    answers.push_back(MarkdownCode(fmt::format("{}: {}", row.call, answer.verdict)));
  return fmt::format("\n{} itself would be refused, so no container starts, with nothing in its logs: {}.\n",
                     MarkdownText(verification.baseline.measured), Join(answers, ", "));
}

// What the table above does not say already.
std::string Warnings(const Verification& verification) {
  std::string text;
  for (const auto& finding : BaselineFindings(verification)) {
    if (finding.severity == "warning") text += fmt::format("- {}\n", MarkdownText(finding.message));
  }
  return text.empty() ? "" : MarkdownFolded("Of the runtime's own calls", text);
}

}  // namespace

std::string VerificationMarkdown(const Verification& verification, const std::string& profile,
                                 const profile::Target* target) {
  const std::string none = NoFilterText(verification, target);
  std::string text = fmt::format(
      "### seccomp: would the recorded workload work?\n\n**{}**: {}.\n\n- {} {}\n",
      verification.passed() ? "Yes" : "No", MarkdownText(none.empty() ? CheckedText(verification) : none),
      MarkdownCode(profile), target == nullptr ? "(as installed)" : "on " + MarkdownText(target->Text()));
  if (!none.empty()) return text;
  return text + Calls(verification) + Baseline(verification) + Warnings(verification);
}

}  // namespace whittle::report
