#include <fmt/core.h>

#include "report/sarif.h"
#include "report/summary.h"
#include "report/verified.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using optimize::Finding;
using optimize::Verification;

std::vector<SarifRule> Rules() {
  return {{"evidence/refused", "A call that the recorded workload made would be refused.", ""},
          {"evidence/depends",
           "Whether a recorded call passes depends on what the evidence does not tell of the arguments.", ""},
          {"evidence/incomplete", "The evidence has gaps: what they hid is not checked.", ""},
          {"evidence/no-filter", "There is no filter that could be asked.", ""},
          {"baseline-not-covered", "The runtime itself needs calls that the profile refuses.", ""}};
}

SarifResult ResultOf(const std::string& rule, const std::string& profile, const Finding& finding) {
  const std::string call = fmt::format("{} {}", AbiName(finding.abi), CallText(finding));
  const std::string who = SubjectName(finding.subject);
  SarifResult result;
  result.rule = rule;
  result.level = SarifLevel::kError;
  result.message = fmt::format("{} of {} gets {}: {}", call, who, finding.answer.verdict, finding.answer.by);
  result.file = profile;
  result.at = finding.answer.at;
  result.identity = fmt::format("{} {} {}", call, who, finding.answer.verdict);
  return result;
}

void AddOfRuntime(const Verification& verification, const std::string& profile,
                  std::vector<SarifResult>& results) {
  for (const auto& finding : BaselineFindings(verification)) {
    const auto level = finding.severity == "error" ? SarifLevel::kError : SarifLevel::kWarning;
    results.push_back({"baseline-not-covered", level, finding.message, profile, {}, finding.message});
  }
}

}  // namespace

json::Value VerificationSarif(const Verification& verification, const std::string& profile,
                              std::string_view tool_version) {
  std::vector<SarifResult> results;
  if (verification.state != filter::Compiled::State::kFiltered) {
    const std::string text = fmt::format("{}: {}", StateName(verification.state), verification.why);
    results.push_back({"evidence/no-filter", SarifLevel::kError, text, profile, {}, text});
  }
  for (const auto& finding : verification.refused)
    results.push_back(ResultOf("evidence/refused", profile, finding));
  for (const auto& finding : verification.depends)
    results.push_back(ResultOf("evidence/depends", profile, finding));
  AddOfRuntime(verification, profile, results);
  if (verification.gaps > 0) {
    const std::string text = fmt::format("The evidence is incomplete: what its {} hid is not checked.",
                                         Counted(verification.gaps, "gap"));
    results.push_back({"evidence/incomplete", SarifLevel::kNote, text, profile, {}, "incomplete"});
  }
  const auto rules = Rules();
  return Sarif("verify", tool_version, rules, results);
}

}  // namespace whittle::report
