#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "report/diff.h"
#include "report/markdown.h"

namespace whittle::report {
namespace {

using advise::Change;

constexpr size_t kNames = 8;  // of calls in a row; more are folded away

size_t Count(const advise::Diff& diff, prove::Change change) {
  return static_cast<size_t>(std::ranges::count(diff.changes, change, &Change::change));
}

std::string_view Verdict(const advise::Diff& diff) {
  if (diff.second_looser) return "**Looser**";
  if (!diff.undecided.empty()) return "**Undecided in part**";
  return *diff.first_allows_nothing_more ? "**Not looser**" : "**Tighter**";
}

std::string Undecided(const advise::Diff& diff) {
  if (diff.undecided.empty()) return "";
  std::vector<std::string> calls;
  for (const auto& undecided : diff.undecided) calls.push_back(MarkdownCode(prove::UndecidedText(undecided)));
  return fmt::format("- Undecided ({}): {}\n", kUndecidedWhy, Join(calls, ", "));
}

std::string AnswerText(const DiffReport& report) {
  const auto& diff = report.diff;
  if (diff.answer == prove::Answer::kUndecided)
    return "**Undecided**: neither equal nor different was proven.\n\n" + Undecided(diff);
  if (diff.answer == prove::Answer::kEqual)
    return "**Same behaviour**: every architecture, number and argument gets the same verdict from both.\n";
  return fmt::format(
      "{}: {} looser, {} tighter, {} with another answer only.\n\n"
      "- A allows nothing that B refuses: **{}**\n- B allows nothing that A refuses: **{}**\n{}",
      Verdict(diff), Count(diff, prove::Change::kLooser), Count(diff, prove::Change::kTighter),
      Count(diff, prove::Change::kOther), YesNo(diff.first_allows_nothing_more),
      YesNo(diff.second_allows_nothing_more), Undecided(diff));
}

std::string Row(const Change& change) {
  const std::string place = PlaceText(change);
  return fmt::format("| {} | {} | {} | {} | {} |\n", ChangeName(change.change),
                     MarkdownCode(CallsText(change, kNames)),
                     MarkdownCode(profile::VerdictText(change.first.action, change.first.data)),
                     MarkdownCode(profile::VerdictText(change.second.action, change.second.data)),
                     place.empty() ? "everywhere" : MarkdownText(place));
}

std::string Table(const advise::Diff& diff) {
  if (diff.changes.empty()) return "";
  std::string text = "\n| | calls | A | B | where |\n|---|---|---|---|---|\n";
  for (const auto& change : diff.changes) text += Row(change);
  return text;
}

bool IsLong(const Change& change) { return change.calls.size() > kNames + 1; }

// The lists that the table cuts off, and an example for each change.
std::string Details(const DiffReport& report) {
  if (report.diff.changes.empty()) return "";
  std::string text;
  for (size_t at = 0; at < report.diff.changes.size(); ++at) {
    const Change& change = report.diff.changes[at];
    text += fmt::format("- {} {}: {}", ChangeName(change.change), MarkdownCode(CallsText(change, 3)),
                        MarkdownCode(ExampleText(change)));
    const auto& deciders = report.second.deciders;
    if (at < deciders.size() && deciders[at]) {
      const auto& decider = *deciders[at];
      if (decider.at.line > 0) {
        text += fmt::format(", decided by {} line {}", MarkdownCode(report.second.name), decider.at.line);
      } else if (!decider.habit.empty()) {
        text += fmt::format(", decided by {}", MarkdownCode(decider.habit));
      }
    }
    text += "\n";
    if (IsLong(change)) text += fmt::format("  - {}\n", MarkdownCode(Join(change.calls, ", ")));
  }
  return MarkdownFolded("Examples and whole lists", text);
}

std::string Members(const DiffReport& report) {
  std::string text;
  for (const auto& member : report.members) {
    const auto shown = [](const std::string& value) { return value.empty() ? "none" : MarkdownCode(value); };
    text += fmt::format("\n`{}` differs, which no filter shows: {} → {}\n", member.member,
                        shown(member.first), shown(member.second));
  }
  return text;
}

std::string Side(char letter, const DiffSide& side) {
  return fmt::format("- {}: {}{}\n", letter, MarkdownCode(side.name),
                     side.target.empty() ? " (as installed)" : " on " + MarkdownText(side.target));
}

}  // namespace

std::string DiffMarkdown(const DiffReport& report) {
  std::string text = "### seccomp: what B does otherwise than A\n\n" + AnswerText(report) + "\n";
  text += Side('A', report.first) + Side('B', report.second);
  text += Table(report.diff) + Members(report) + Details(report);
  if (!report.diff.listed_all)
    text += "\nThere are further changes: these filters treat single numbers apart.\n";
  return text;
}

}  // namespace whittle::report
