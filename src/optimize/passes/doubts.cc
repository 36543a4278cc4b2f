// Says what is doubtful about the evidence. Nothing is changed: a profile from incomplete evidence is better
// than none, if its user knows.
#include <fmt/core.h>

#include "base/text.h"
#include "evidence/completeness.h"
#include "evidence/phases.h"
#include "evidence/source.h"
#include "evidence/under_filter.h"
#include "optimize/passes/pass.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using evidence::Arrival;

void WarnOfGaps(Plan& plan) {
  for (const auto& gap : plan.evidence.gaps) {
    plan.result.warnings.push_back(fmt::format("the evidence has a gap ({}: {}): calls may be missing",
                                               Printable(gap.kind), Printable(gap.detail)));
  }
}

void WarnOfFilter(Plan& plan) {
  using evidence::HiddenByFilter;
  switch (FindHiddenByFilter(plan.evidence)) {
    case HiddenByFilter::kNothing:
      return;
    case HiddenByFilter::kWhatFollowed:
      plan.result.warnings.emplace_back(
          "calls were refused while this was recorded: what the program would have done next is not in the "
          "evidence (record with --security-opt seccomp=unconfined to see all)");
      return;
    case HiddenByFilter::kRefusals:
      plan.result.warnings.emplace_back(
          "a filter was in force while this was recorded: what it refused, and what the program would have "
          "done next, is not in the evidence (record with --security-opt seccomp=unconfined to see all)");
  }
}

void WarnOfUnnameable(Plan& plan) {
  for (const auto& call : plan.result.unnameable) {
    const bool named = SyscallName(call.abi, call.number).has_value();
    plan.result.warnings.push_back(
        named ? fmt::format("no profile can allow {} {}: {}", AbiName(call.abi),
                            SyscallText(call.abi, call.number), call.why)
              : fmt::format("{} number {} has no name; it cannot be put into a JSON profile",
                            AbiName(call.abi), call.number));
  }
}

// How others saw what they saw.
void WarnOfSources(Plan& plan) {
  std::set<std::string> sources;
  for (const auto& [id, recording] : plan.evidence.recordings) sources.insert(recording.source);
  for (const auto& source : sources) {
    const auto note = evidence::SourceNote(source);
    if (!note.empty()) plan.result.warnings.push_back(fmt::format("evidence {}", note));
  }
}

void WarnOfOtherMachines(Plan& plan) {
  auto other = OtherMachineText(plan.evidence, plan.options.target.arch);
  if (!other.empty()) plan.result.warnings.push_back(std::move(other));
}

void WarnOfFewUnits(Plan& plan) {
  const auto completeness = AssessCompleteness(plan.evidence);
  if (completeness.known() && !completeness.best().few_units) return;
  plan.result.warnings.emplace_back("the recording is too short to say how complete it is: record longer");
}

void WarnOfPhases(Plan& plan) {
  for (const auto& [phase, how] : PhasesNotExercised(plan.evidence)) {
    plan.result.not_exercised.push_back(fmt::format("{}: {}", phase.name, how));
  }
}

}  // namespace

Result<void> WarnOfDoubts(Plan& plan) {
  WarnOfOtherMachines(plan);
  WarnOfSources(plan);
  WarnOfGaps(plan);
  WarnOfFilter(plan);
  WarnOfUnnameable(plan);
  WarnOfFewUnits(plan);
  WarnOfPhases(plan);
  return {};
}

// Refused in one place and let pass in another, or needed by the runtime: the profile allows it.
Result<void> ListRefused(Plan& plan) {
  for (const auto& [subject, calls] : plan.evidence.subjects) {
    if (subject.arrival != Arrival::kWorkload) continue;
    for (const auto& [key, observation] : calls) {
      const auto name = SyscallName(key.abi, key.number);
      const bool allowed = name && plan.result.grants.contains(std::string(*name));
      if (evidence::Refused(key.fate) && !allowed)
        plan.result.refused_when_recorded.emplace(key.abi, key.number);
    }
  }
  if (plan.result.refused_when_recorded.empty()) return {};
  std::string names;
  for (const auto& [abi, number] : plan.result.refused_when_recorded) {
    names += (names.empty() ? "" : ", ") + SyscallText(abi, number);
  }
  plan.result.warnings.push_back("refused when recorded, and not allowed here: " + names +
                                 " (--allow-denied allows them)");
  return {};
}

}  // namespace whittle::optimize
