// What `whittle verify` found, for people and for scripts. Pure; thread safe. Names come from workloads: made
// printable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "optimize/verify.h"
#include "profile/target.h"

namespace whittle::report {

// What would be refused by answer and reason, and one line of summary. `profile` is the name of the profile
// or the filters; `target` is null for filters as they are.
std::string VerificationText(const optimize::Verification& verification, const std::string& profile,
                             const profile::Target* target);
json::Value VerificationJson(const optimize::Verification& verification, const std::string& profile,
                             const profile::Target* target);

// For a pull request: a heading, the answer in a line, tables of what would be refused.
std::string VerificationMarkdown(const optimize::Verification& verification, const std::string& profile,
                                 const profile::Target* target);
// SARIF 2.1.0: a result for each call that would be refused, at the rule or the default that refuses it; one
// for what the runtime itself needs, and a note if the evidence has gaps.
json::Value VerificationSarif(const optimize::Verification& verification, const std::string& profile,
                              std::string_view tool_version);

// Who made which call, and what the filter answers.
json::Value FindingJson(const optimize::Finding& finding);

std::string_view StateName(filter::Compiled::State state);  // "filtered", "unconfined", "refused"

// Shared by the forms.
// One judgement about the runtime's own calls.
struct BaselineFinding {
  std::string_view severity;  // "error", "warning"
  std::string message;
};
std::vector<BaselineFinding> BaselineFindings(const optimize::Verification& verification);
// Calls of one subject and ABI that get the same answer for the same reason, in the order of the first of
// each.
struct AlikeRow {
  const optimize::Finding* first = nullptr;
  std::vector<std::string> calls;
};
std::vector<AlikeRow> AlikeFindings(const std::vector<optimize::Finding>& findings);
std::string CallText(const optimize::Finding& finding);     // "socket(AF_VSOCK, SOCK_STREAM)", "chmod"
std::string SubjectName(const evidence::Subject& subject);  // "web /usr/bin/nginx"
// Why there is no answer call by call; empty if there is one.
std::string NoFilterText(const optimize::Verification& verification, const profile::Target* target);
// What was checked, and what could not be; without the answer itself.
std::string CheckedText(const optimize::Verification& verification);

}  // namespace whittle::report
