#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "report/diff.h"
#include "report/table.h"

namespace whittle::report {
namespace {

using advise::Change;

constexpr size_t kNames = 12;  // of calls in one change; --json has all

std::string Coloured(std::string_view text, prove::Change change, Colour colour) {
  if (colour == Colour::kNever) return std::string(text);
  constexpr int kCodes[] = {31, 32, 33};  // red, green, yellow
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<size_t>(change)], text);
}

std::string SideText(char letter, const DiffSide& side) {
  const std::string target = side.target.empty() ? "as it is installed" : side.target;
  return fmt::format("{}: {} ({})\n", letter, Printable(side.name), target);
}

std::string AnswerText(const DiffReport& report) {
  const auto& diff = report.diff;
  std::string text;
  if (diff.answer == prove::Answer::kEqual)
    text = "same behaviour: every architecture, number and argument gets the same verdict from both\n";
  text += fmt::format("A allows nothing that B refuses: {}\n", YesNo(diff.first_allows_nothing_more));
  return text + fmt::format("B allows nothing that A refuses: {}\n", YesNo(diff.second_allows_nothing_more));
}

// "B line 14", "B rule 3" of what is in no file, a habit of the target, or nothing for the default action.
std::string DeciderText(const DiffReport& report, size_t at) {
  const auto text = [&](char letter, const DiffSide& side) -> std::string {
    if (at >= side.deciders.size() || !side.deciders[at]) return "";
    const auto& decider = *side.deciders[at];
    if (decider.rule >= 0 && decider.at.line > 0) return fmt::format("{} line {}", letter, decider.at.line);
    if (decider.rule >= 0) return fmt::format("{} rule {}", letter, decider.rule);
    return decider.habit == "default-action" ? "" : fmt::format("{}: {}", letter, decider.habit);
  };
  const std::string second = text('B', report.second);
  return second.empty() ? text('A', report.first) : second;
}

std::string ChangeText(const DiffReport& report, size_t at, Colour colour) {
  const Change& change = report.diff.changes[at];
  const std::string name(ChangeName(change.change));
  std::string sentence = ChangeSentence(change, kNames);
  if (const auto place = PlaceText(change); !place.empty()) sentence += ", " + place;
  if (const auto decider = DeciderText(report, at); !decider.empty()) sentence += " [" + decider + "]";
  const bool shows = !change.condition.empty() || !change.complete;
  if (shows) sentence += "; as in " + ExampleText(change);
  std::string text = WrapText(sentence, std::string(9, ' '), fmt::format("{:<9}", name));
  return Coloured(name, change.change, colour) + text.substr(name.size());
}

std::string MembersText(const DiffReport& report) {
  std::string text;
  for (const auto& member : report.members) {
    const auto shown = [](const std::string& value) { return value.empty() ? "none" : Printable(value); };
    text += WrapText(fmt::format("{}: {} -> {} (no filter shows this)", member.member, shown(member.first),
                                 shown(member.second)),
                     std::string(9, ' '), "document ");
  }
  if (report.first.is_document != report.second.is_document)
    text += "note: flags and listener are not compared: a filter does not show them\n";
  return text;
}

std::string WholeText(const DiffReport& report) {
  std::string text;
  // An ABI that nobody filters is in the changes, call by call.
  const auto open = [](const std::optional<filter::Verdict>& said) {
    return said && said->action == profile::Action::kAllow;
  };
  for (const auto& whole : report.diff.whole) {
    if ((open(whole.first) && !whole.second) || (open(whole.second) && !whole.first)) continue;
    const auto verdict = [](const std::optional<filter::Verdict>& said) {
      return said ? profile::VerdictText(said->action, said->data) : "call by call";
    };
    text += fmt::format("note: {} as a whole: {} -> {}\n", AbiName(whole.abi), verdict(whole.first),
                        verdict(whole.second));
  }
  return text;
}

// Which calls may be further changes.
std::string UndecidedText(const DiffReport& report) {
  if (report.diff.undecided.empty()) return "";
  std::vector<std::string> calls;
  for (const auto& undecided : report.diff.undecided) calls.push_back(prove::UndecidedText(undecided));
  return WrapText(fmt::format("{}: {}", Join(calls, ", "), kUndecidedWhy), std::string(9, ' '), "undecided ");
}

}  // namespace

std::string DiffText(const DiffReport& report, Colour colour) {
  std::string text = SideText('A', report.first) + SideText('B', report.second) + "\n" + AnswerText(report);
  const bool any = !report.diff.changes.empty() || !report.members.empty() || !report.diff.undecided.empty();
  if (any) text += "\n";
  for (size_t at = 0; at < report.diff.changes.size(); ++at) text += ChangeText(report, at, colour);
  text += UndecidedText(report);
  text += MembersText(report) + WholeText(report);
  if (!report.diff.listed_all)
    text += "note: there are further changes: these filters treat single numbers apart\n";
  return text;
}

}  // namespace whittle::report
