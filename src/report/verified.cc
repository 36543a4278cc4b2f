#include "report/verified.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "report/summary.h"
#include "report/table.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using filter::Compiled;
using optimize::Finding;
using optimize::Verification;

// Each answer with its reason once, and below it who gets it, and for which calls.
std::string FindingsText(const std::vector<Finding>& findings) {
  std::vector<std::pair<std::string, std::string>> groups;  // what is said of it, and its lines
  std::map<std::string, size_t> known;
  for (const auto& row : AlikeFindings(findings)) {
    const auto& finding = *row.first;
    const std::string said = fmt::format("{}: {}", finding.answer.verdict, finding.answer.by);
    const auto [group, is_new] = known.try_emplace(said, groups.size());
    if (is_new) groups.emplace_back(said, "");
    groups[group->second].second += WrapText(
        fmt::format("{}, {}: {}", SubjectName(finding.subject), AbiName(finding.abi), Join(row.calls, ", ")),
        std::string(8, ' '), std::string(4, ' '));
  }
  std::string text;
  for (const auto& [said, lines] : groups)
    text += WrapText(said, std::string(6, ' '), std::string(2, ' ')) + lines;
  return text;
}

std::string BaselineTable(const std::vector<optimize::RefusedRow>& refused, const std::string& said) {
  if (refused.empty()) return "";
  std::vector<std::vector<std::string>> rows = {{"CALL", "ANSWER", "SEEN IN", "WHY"}};
  for (const auto& [row, answer] : refused) {
    rows.push_back({row.call, answer.verdict,
                    row.starts == 0 ? "-" : fmt::format("{} of {} starts", row.seen, row.starts), answer.by});
  }
  return said + TableText(rows);
}

std::string BaselineText(const Verification& verification) {
  using Kind = optimize::Answer::Kind;
  const auto& runtime = verification.baseline.measured;
  return BaselineTable(
             verification.baseline_refused_as(Kind::kRefused),
             fmt::format("{} itself would be refused, so no container starts, with nothing in its logs:\n",
                         runtime)) +
         BaselineTable(
             verification.baseline_refused_as(Kind::kDepends),
             fmt::format("{} itself would be let pass for some arguments only, so maybe no container starts, "
                         "with nothing in its logs:\n",
                         runtime));
}

using Phases = std::set<std::string_view>;

std::string NamesOf(const std::vector<optimize::RefusedRow>& rows, const Phases& phases = {"start", "exec"}) {
  std::vector<std::string> names;
  for (const auto& [row, answer] : rows) {
    if (phases.contains(row.phase)) names.push_back(row.call);
  }
  return Join(names, " ");
}

std::string Whose(const optimize::Baseline& baseline, std::string_view which) {
  return fmt::format("{} runtime ({})", which, baseline.measured);
}

// SEVERITY RULE FILE POINTER | MESSAGE
std::string FindingLines(const Verification& verification, const std::string& profile) {
  std::string text;
  for (const auto& finding : BaselineFindings(verification)) {
    text += fmt::format("{} baseline-not-covered {} /syscalls | {}\n", finding.severity, Printable(profile),
                        finding.message);
  }
  return text;
}

json::Value FindingsList(const Verification& verification, const std::string& profile) {
  json::Value list = json::Array();
  for (const auto& finding : BaselineFindings(verification)) {
    list.items.push_back(json::Object({{"rule", "baseline-not-covered"},
                                       {"severity", finding.severity},
                                       {"file", Printable(profile)},
                                       {"pointer", "/syscalls"},
                                       {"message", finding.message}}));
  }
  return list;
}

json::Value FindingsJson(const std::vector<Finding>& findings) {
  json::Value list = json::Array();
  for (const auto& finding : findings) {
    json::Value& item = list.items.emplace_back(FindingJson(finding));
    item.Set("by", finding.answer.by);
    item.Set("first_seen", SeenText(finding.first_ms));
    item.Set("last_seen", SeenText(finding.last_ms));
  }
  return list;
}

}  // namespace

std::vector<AlikeRow> AlikeFindings(const std::vector<Finding>& findings) {
  std::vector<AlikeRow> rows;
  std::map<std::tuple<Abi, evidence::Subject, std::string, std::string>, size_t> known;
  for (const auto& finding : findings) {
    const auto [row, is_new] = known.try_emplace(
        {finding.abi, finding.subject, finding.answer.verdict, finding.answer.by}, rows.size());
    if (is_new) rows.push_back({&finding, {}});
    rows[row->second].calls.push_back(CallText(finding));
  }
  return rows;
}

std::string CallText(const Finding& finding) {
  return SyscallText(finding.abi, finding.number) + finding.answer.with;
}

std::string SubjectName(const evidence::Subject& subject) {
  return (subject.container == "-" ? "" : Printable(subject.container) + " ") + Printable(subject.executable);
}

std::vector<BaselineFinding> BaselineFindings(const Verification& verification) {
  std::vector<BaselineFinding> findings;
  const std::string next =
      Whose(verification.baseline, verification.baseline_now.rows.empty() ? "the" : "the new");
  if (!verification.baseline_refused.empty()) {
    findings.push_back({"error", fmt::format("{} needs: {}", next, NamesOf(verification.baseline_refused))});
  }
  if (!verification.baseline_refused_now.empty()) {
    findings.push_back({"warning", fmt::format("{} needs: {}", Whose(verification.baseline_now, "the old"),
                                               NamesOf(verification.baseline_refused_now))});
  }
  const std::string spare = NamesOf(verification.baseline_tolerated, {"start"});
  if (!spare.empty()) {
    findings.push_back({"warning", fmt::format("{} also makes, and starts without: {}", next, spare)});
  }
  const std::string execs = NamesOf(verification.baseline_tolerated, {"exec"});
  if (!execs.empty()) {
    findings.push_back(
        {"warning", fmt::format("{} makes for docker exec and health checks only: {}", next, execs)});
  }
  return findings;
}

std::string NoFilterText(const Verification& verification, const profile::Target* target) {
  switch (verification.state) {
    case Compiled::State::kFiltered:
      return "";
    case Compiled::State::kUnconfined:
      return fmt::format("UNCONFINED, {}{}",
                         target == nullptr ? "" : "no filter would be installed: ", verification.why);
    case Compiled::State::kRefused:
      return fmt::format("REFUSED, the document is not taken: {}", verification.why);
  }
  return "";
}

std::string CheckedText(const Verification& verification) {
  std::string text = fmt::format("{} checked, {} refused, {} depend on arguments",
                                 Counted(verification.observations, "observation"),
                                 verification.refused.size(), verification.depends.size());
  text += verification.baseline.rows.empty()
              ? "; the runtime's own calls are unknown"
              : fmt::format("; {} of the calls of {} refused", verification.baseline_refused.size(),
                            verification.baseline.measured);
  if (!verification.baseline.doubt.empty()) text += fmt::format(" ({})", verification.baseline.doubt);
  if (verification.by_fallback > 0) {
    text += "; clone3 is answered \"no such call\", and clone, which libcs take then, is let pass";
  }
  if (verification.already_refused > 0) {
    text += fmt::format("; {} were refused when recorded and are not checked", verification.already_refused);
  }
  if (verification.arrived > 0) {
    text += fmt::format("; {} of what came from outside are not checked", verification.arrived);
  }
  if (!verification.other_machine.empty()) text += "; " + verification.other_machine;
  if (verification.gaps > 0) {
    text += fmt::format("; the evidence is incomplete: what its {} hid is not checked",
                        Counted(verification.gaps, "gap"));
  }
  return text;
}

json::Value FindingJson(const Finding& finding) {
  auto value = json::Object({{"container", Printable(finding.subject.container)},
                             {"executable", Printable(finding.subject.executable)},
                             {"abi", AbiName(finding.abi)},
                             {"call", SyscallText(finding.abi, finding.number)},
                             {"verdict", finding.answer.verdict}});
  if (!finding.answer.with.empty()) value.Set("arguments", finding.answer.with);
  return value;
}

std::string_view StateName(Compiled::State state) {
  switch (state) {
    case Compiled::State::kFiltered:
      return "filtered";
    case Compiled::State::kUnconfined:
      return "unconfined";
    case Compiled::State::kRefused:
      return "refused";
  }
  return "";
}

std::string VerificationText(const Verification& verification, const std::string& profile,
                             const profile::Target* target) {
  std::string text =
      fmt::format("{}, {}\n", Printable(profile),
                  target == nullptr ? "filters as they are installed" : "target: " + target->Text());
  if (const auto none = NoFilterText(verification, target); !none.empty()) return text + "no: " + none + "\n";
  if (!verification.refused.empty()) text += "would be refused:\n" + FindingsText(verification.refused);
  if (!verification.depends.empty()) {
    text +=
        "depends on what the evidence does not tell of the arguments:\n" + FindingsText(verification.depends);
  }
  return text + BaselineText(verification) + FindingLines(verification, profile) +
         fmt::format("{}: {}\n", verification.passed() ? "ok" : "no", CheckedText(verification));
}

json::Value VerificationJson(const Verification& verification, const std::string& profile,
                             const profile::Target* target) {
  json::Value baseline = json::Array();
  for (const auto& [row, answer] : verification.baseline_refused) {
    baseline.items.push_back(json::Object({{"call", row.call},
                                           {"phase", row.phase},
                                           {"seen", row.seen},
                                           {"starts", row.starts},
                                           {"verdict", answer.verdict},
                                           {"by", answer.by}}));
  }
  json::Value value = json::Object({{"profile", Printable(profile)}});
  if (target != nullptr) value.Set("target", target->Text());
  value.Set("passed", verification.passed());
  value.Set("state", StateName(verification.state));
  value.Set("why", verification.why);
  value.Set("observations", verification.observations);
  value.Set("already_refused", verification.already_refused);
  value.Set("by_fallback", verification.by_fallback);
  value.Set("arrived", verification.arrived);
  value.Set("gaps", verification.gaps);
  value.Set("refused", FindingsJson(verification.refused));
  value.Set("depends", FindingsJson(verification.depends));
  value.Set("findings", FindingsList(verification, profile));
  value.Set("baseline", json::Object({{"measured", verification.baseline.measured},
                                      {"doubt", verification.baseline.doubt},
                                      {"calls", verification.baseline.rows.size()},
                                      {"refused", baseline}}));
  return value;
}

}  // namespace whittle::report
