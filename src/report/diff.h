// A behaviour diff as people and programs read it: text, Markdown for a pull request, JSON, SARIF. Pure;
// thread safe. Names of files may be anyone's: each form escapes what it would take for its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advise/deciders.h"
#include "advise/diff.h"
#include "advise/document_members.h"
#include "base/json.h"

namespace whittle::report {

struct DiffSide {
  std::string name;          // as the user gave it
  std::string target;        // "docker 28.5.2, ..."; empty for filters as they are
  bool is_document = false;  // else its flags and its listener are not known
  std::vector<std::optional<advise::Decider>> deciders;  // by change; empty: not a document
};

struct DiffReport {
  advise::Diff diff;
  DiffSide first, second;
  std::vector<advise::MemberDifference> members;

  // Something was found to differ, in behaviour or in what was handed over with the filter.
  bool different() const { return diff.answer == prove::Answer::kDifferent || !members.empty(); }
};

enum class Colour { kNever, kAllowed };
std::string DiffText(const DiffReport& report, Colour colour);

// A heading, the answer in a line, a table; long lists of calls fold.
std::string DiffMarkdown(const DiffReport& report);

// docs/diff.md.
json::Value DiffJson(const DiffReport& report);

// Calls that neither `diff` nor `prove` could decide: [{"abi", "text", "from", "to"}].
json::Value UndecidedJson(const std::vector<prove::Undecided>& undecided);

// SARIF 2.1.0: a result for each change, at the rule of the second document that decides.
json::Value DiffSarif(const DiffReport& report, std::string_view tool_version);

// Shared by the forms.
inline constexpr std::string_view kUndecidedWhy =
    "too many conditions on several arguments at once, or arithmetic on whole words";
std::string_view ChangeName(prove::Change change);                            // "looser", "tighter", "other"
std::string_view YesNo(std::optional<bool> yes);                               // nothing: "undecided"
std::string VerdictsText(const advise::Change& change);                       // "ERRNO(38) -> ERRNO(1)"
std::string ChangeSentence(const advise::Change& change, size_t most_names);  // "B also allows getpid"
std::string PlaceText(const advise::Change& change);  // "on i386", "on any other architecture", ""

}  // namespace whittle::report
