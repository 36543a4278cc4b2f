#include <fmt/core.h>

#include "report/diff.h"
#include "report/sarif.h"

namespace whittle::report {
namespace {

constexpr size_t kNames = 20;  // of calls in one message

std::vector<SarifRule> Rules() {
  return {{"behaviour/looser", "The second profile is more permissive than the first.", ""},
          {"behaviour/tighter", "The second profile is stricter than the first.", ""},
          {"behaviour/other", "A refused call gets another answer.", ""},
          {"behaviour/document", "The profiles differ in what no filter shows.", ""},
          {"behaviour/undecided", "It is not known whether the profiles answer these calls alike.", ""}};
}

SarifLevel LevelOf(prove::Change change) {
  if (change == prove::Change::kLooser) return SarifLevel::kError;
  return change == prove::Change::kTighter ? SarifLevel::kNote : SarifLevel::kWarning;
}

SarifResult ResultOf(const DiffReport& report, size_t at) {
  const auto& change = report.diff.changes[at];
  SarifResult result;
  result.rule = fmt::format("behaviour/{}", ChangeName(change.change));
  result.level = LevelOf(change.change);
  result.message = ChangeSentence(change, kNames);
  if (const auto place = PlaceText(change); !place.empty()) result.message += ", " + place;
  result.message += ". Example: " + ExampleText(change);
  result.file = report.second.name;
  const auto& deciders = report.second.deciders;
  if (at < deciders.size() && deciders[at]) result.at = deciders[at]->at;
  result.identity = ChangeSentence(change, SIZE_MAX - 1) + PlaceText(change);
  return result;
}

}  // namespace

json::Value DiffSarif(const DiffReport& report, std::string_view tool_version) {
  std::vector<SarifResult> results;
  for (size_t at = 0; at < report.diff.changes.size(); ++at) results.push_back(ResultOf(report, at));
  for (const auto& member : report.members) {
    const auto shown = [](const std::string& value) { return value.empty() ? std::string("none") : value; };
    const std::string text =
        fmt::format("{}: {} -> {}", member.member, shown(member.first), shown(member.second));
    results.push_back({"behaviour/document", SarifLevel::kWarning, text, report.second.name, {}, text});
  }
  for (const auto& undecided : report.diff.undecided) {
    const std::string text = fmt::format("Undecided: {}: {}", prove::UndecidedText(undecided), kUndecidedWhy);
    results.push_back({"behaviour/undecided", SarifLevel::kError, text, report.second.name, {}, text});
  }
  const auto rules = Rules();
  return Sarif("diff", tool_version, rules, results);
}

}  // namespace whittle::report
