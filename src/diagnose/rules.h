// The rules of Diagnose(): each looks at one kind of cause. Internal to this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnose/cause.h"
#include "diagnose/facts.h"
#include "diagnose/log_line.h"
#include "diagnose/message.h"
#include "optimize/verify.h"

namespace whittle::diagnose {

enum class Stage {
  kUnknown,       // no engine knows it
  kNeverStarted,  // it was made; its first process never became the workload
  kHangs,         // its start does not come to an end
  kRuns,
  kEnded,
};

// The facts, and what follows from them before any rule is asked.
struct Case {
  explicit Case(const Facts& known) : facts(known) {}
  const Facts& facts;
  Stage stage = Stage::kUnknown;
  std::string runtime;       // "runc", "crun"; empty: not known
  std::string runtime_text;  // "runc 1.1.5"
  std::optional<MessageMeaning> message;
  // The profile on its target. Nothing if there is no document, no target, or if it is not in force.
  std::optional<optimize::Judge> judge;
  std::string oversized;  // why no filter can be made of it; empty if that is not so
  optimize::Baseline baseline;
  std::vector<optimize::RefusedRow> needed;     // calls of a start without which it fails
  std::vector<optimize::RefusedRow> sometimes;  // without which some fail
  // The refusals that somebody saw; of the kernel's records, which name no container, those that this filter
  // can have made.
  std::vector<RefusedCall> refused;
  std::vector<optimize::RefusedRow> of_exec;  // made by docker exec and health checks only

  int exit_code() const { return facts.info ? facts.info->exit_code : 0; }
  bool filters() const;  // a filter is in force, and what it does is known
};

Result<Case> MakeCase(const Facts& facts);

using Causes = std::vector<Cause>;
void ProfileRules(const Case& c, Causes& causes);           // rules_profile.cc
void RuntimeRules(const Case& c, Causes& causes);           // rules_runtime.cc
Result<bool> StartRules(const Case& c, Causes& causes);     // rules_start.cc; false: it found nothing
Result<void> WorkloadRules(const Case& c, Causes& causes);  // rules_workload.cc
Result<void> OtherRules(const Case& c, Causes& causes);     // rules_other.cc

// The filter's answer to a call by name, on the native ABI; nothing if there is no filter or no such call.
Result<std::optional<optimize::Answer>> AnswerFor(const Case& c, const std::string& call);

// The capability that the call a complaint names first would want and the container lacks, where the profile
// lets that call pass; empty if there is none.
Result<std::string> MissingCapability(const Case& c, const FailedCall& failed);

// What every rule says in the same words.
std::string Quoted(std::string_view text);  // printable, cut, in quotes
// How the user's profile is changed to let calls pass: the line of the document, and the command.
std::string AllowChange(const Case& c, const std::vector<std::string>& calls);
// "the profile answers ERRNO(1) to mkdir (rule 3 (web.json:7))".
std::string AnswerText(const optimize::Answer& answer, const std::string& call);
inline constexpr int kSigsysExit = 128 + 31;

// Whether a call may have been refused without a trace: nobody watched, and the filter answers errors.
bool MayRefuseInSilence(const Case& c);

}  // namespace whittle::diagnose
