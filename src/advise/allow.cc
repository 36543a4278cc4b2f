#include "advise/allow.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "advise/let_pass.h"
#include "base/json.h"
#include "base/text.h"
#include "optimize/baseline.h"
#include "syscalls/facts.h"
#include "syscalls/purpose.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using profile::Action;

constexpr uint64_t kLow = 0xffffffff;
constexpr uint16_t kNumberWord = 1;  // bit of word 0

// Not only logged.
bool IsRefused(const RefusedCall& refused) { return !refused.action || profile::Blocks(*refused.action); }

bool Looked(const RefusedCall& refused, uint32_t argument, uint32_t half) {
  return (refused.words >> (4 + 2 * argument + half) & 1) != 0;
}

// The filter decided before it looked at the number: by the ABI alone.
bool WholeAbi(const RefusedCall& refused) {
  return refused.action && profile::Blocks(*refused.action) && (refused.words & kNumberWord) == 0 &&
         refused.words != 0;
}

std::string WantedText(std::string_view name) {
  if (const auto meaning = SyscallMeaning(name)) return std::string(*meaning);
  return name.starts_with("#") ? "make a call that has no name here"
                               : fmt::format("do something about {}", SyscallGroup(name));
}

std::string OfFallback(const Fallback& fallback, bool enosys) {
  const bool needs_none = fallback.also == "none needed";
  if (!enosys) {
    return fmt::format("likely: programs do without it only on ENOSYS ({})", fallback.reason);
  }
  return needs_none ? fmt::format("hardly: {}", fallback.reason)
                    : fmt::format("hardly: {}: {} instead", fallback.reason, fallback.also);
}

// What a runtime was measured to do without the call; empty if it was not tried.
std::string OfRuntime(std::string_view runtime, std::string_view name) {
  const optimize::BaselineRow* best = nullptr;
  for (const auto& row : optimize::MeasuredBaselines()) {
    const bool fits = row.runtime == runtime && row.call == name && row.phase == "start" &&
                      row.need != optimize::Need::kUnknown;
    if (fits && (best == nullptr || row.need == optimize::Need::kNeeded)) best = &row;
    if (best != nullptr && best->need == optimize::Need::kNeeded) break;
  }
  if (best == nullptr) return "";
  const bool needed = best->need == optimize::Need::kNeeded;
  return fmt::format("{}: {} itself {} a container without it (measured on {} {}: made in {} of {} starts)",
                     needed ? "yes" : "hardly", runtime, needed ? "cannot start" : "starts", runtime,
                     best->version.Text(), best->seen, best->starts);
}

std::string MattersText(const RefusedCall& refused, std::string_view name) {
  const Action action = refused.action.value_or(Action::kErrno);
  if (action == Action::kLog) return "not now: it was executed; a profile that refuses it would make it fail";
  const std::string of_runtime = OfRuntime(refused.runtime, name);
  if (of_runtime.starts_with("yes")) return of_runtime;
  if (action == Action::kKillProcess) return "yes: the process ended";
  if (action == Action::kKillThread) return "yes: the thread ended";
  if (action == Action::kTrap) return "its own handler of SIGSYS decides; without one it ended";
  if (action == Action::kNotify) return "its supervisor answered; what that means is between these two";
  if (!of_runtime.empty()) return of_runtime;
  const bool enosys = refused.errno_value == ENOSYS;
  if (const auto fallback = SyscallFallback(refused.call.abi, name)) return OfFallback(*fallback, enosys);
  if (enosys) return "perhaps: programs take ENOSYS for an older kernel, and many have another way then";
  return refused.went_on ? "perhaps: the thread went on, see what it did next"
                         : "not known: nothing more was seen of the thread, or it ended";
}

// Just this value: of the half that the filter looked at, or of the whole register.
json::Value Condition(const RefusedCall& refused, uint32_t argument) {
  const uint64_t value = refused.call.arguments[argument];
  json::Value condition = json::Object({{"index", argument}});
  const bool whole = Looked(refused, argument, 1) || Is32Bit(refused.call.abi);
  condition.Set("value", whole ? value : kLow);
  if (!whole) condition.Set("valueTwo", value & kLow);
  condition.Set("op", ScmpOperatorName(whole ? profile::Operator::kEqual : profile::Operator::kMaskedEqual));
  return condition;
}

std::string RuleText(const RefusedCall& refused, std::string_view name) {
  json::Value conditions = json::Array();
  for (uint32_t argument = 0; argument < 6; argument++) {
    if (Looked(refused, argument, 0) || Looked(refused, argument, 1)) {
      conditions.items.push_back(Condition(refused, argument));
    }
  }
  json::Value rule =
      json::Object({{"names", json::Array({name})}, {"action", profile::ScmpActionName(Action::kAllow)}});
  if (!conditions.items.empty()) rule.Set("args", std::move(conditions));
  return json::Write(rule, json::Style::kCompact);
}

std::string NoteText(const RefusedCall& refused, bool nameless) {
  const Abi abi = refused.call.abi;
  if (WholeAbi(refused)) {
    return fmt::format("the filter refuses every call of {}: {} is missing among the profile's architectures",
                       AbiName(abi), ScmpArchName(abi));
  }
  if (nameless) return "no profile can allow it: the call has no name";
  std::string note;
  if (abi != Abi::kX86_64)
    note = fmt::format("needs {} among the profile's architectures", ScmpArchName(abi));
  if (refused.filters > 1) {
    note += fmt::format("{}in the profile of the filter that refused it; the others may refuse it, too",
                        note.empty() ? "" : "; ");
  }
  return note;
}

std::string RiskText(std::string_view name) {
  const auto risk = SyscallRisk(name);
  std::string text = risk ? fmt::format("{} of 3: {}", risk->level, risk->reason)
                          : fmt::format("0 of 3: nothing is noted of it ({})", SyscallGroup(name));
  const auto flaws = CvePairsOf(name).size();
  if (flaws > 0) text += fmt::format("; a step of {} published flaw{}", flaws, flaws == 1 ? "" : "s");
  return text;
}

void AddNote(std::string& note, const std::string& more) { note += (note.empty() ? "" : "; ") + more; }

// The rule as a document's.
std::optional<profile::Rule> ParsedRule(const std::string& rule) {
  const auto document =
      profile::Read(R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[)" + rule + "]}", "rule");
  if (!document || document->rules.size() != 1) return std::nullopt;
  return document->rules.front();
}

// Only what was seen to work on the profile is advised.
void TryRule(const RefusedCall& refused, const InForce& profile, std::string_view name,
             Allowance& allowance) {
  const auto rule = ParsedRule(allowance.rule);
  const auto change = rule ? ChangesToLetPass(profile.document, profile.target, refused.call, *rule)
                           : Fail(ErrorCode::kInternal, "the rule cannot be read");
  if (!change || !change->proven) {
    allowance.rule.clear();
    return AddNote(allowance.note, fmt::format("no rule for {} helps in this profile: {}", name,
                                               change ? change->still : change.error().message));
  }
  if (change->passes && IsRefused(refused)) {
    allowance.rule.clear();
    return AddNote(allowance.note,
                   fmt::format("the container's profile lets {} pass: another filter refused it", name));
  }
  if (change->take_out.empty()) return;
  const std::string out = Join(change->take_out, "; ");
  if (!change->add) allowance.rule.clear();
  AddNote(allowance.note, change->add ? out + ", which goes on refusing beside a rule that allows" : out);
}

}  // namespace

Allowance AllowanceFor(const RefusedCall& refused, const InForce* profile) {
  const std::string name = SyscallText(refused.call.abi, refused.call.number);
  const bool nameless = !SyscallName(refused.call.abi, refused.call.number);
  Allowance allowance;
  allowance.wanted = WantedText(name);
  allowance.matters = MattersText(refused, name);
  if (!nameless && !WholeAbi(refused)) allowance.rule = RuleText(refused, name);
  allowance.note = NoteText(refused, nameless);
  if (!allowance.rule.empty() && profile != nullptr) {
    TryRule(refused, *profile, name, allowance);
  } else if (!allowance.rule.empty() && IsRefused(refused)) {
    AddNote(allowance.note,
            fmt::format("without effect beside a rule of the profile that refuses {} by name: "
                        "whittle profile new --add {} takes it out there",
                        name, name));
  }
  allowance.risk = nameless ? "" : RiskText(name);
  return allowance;
}

}  // namespace whittle::advise
