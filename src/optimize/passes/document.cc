// Writes the plan down: one rule a group, each with a comment that says why it is there. A call stands in one
// rule only.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "optimize/clone.h"
#include "optimize/passes/pass.h"
#include "syscalls/arguments.h"
#include "syscalls/facts.h"
#include "syscalls/table.h"

namespace whittle::optimize {
namespace {

using profile::Action;
using profile::Rule;

constexpr size_t kUsersShown = 6;

std::string JoinUsers(const std::set<std::string>& users) {
  std::string text;
  size_t shown = 0;
  for (const auto& user : users) {
    if (shown++ == kUsersShown) return text + fmt::format(" and {} more", users.size() - kUsersShown);
    text += (text.empty() ? "" : ", ") + Printable(user);
  }
  return text;
}

Rule AllowRule(std::vector<std::string> names, std::string comment) {
  Rule rule;
  rule.names = std::move(names);
  rule.action = Action::kAllow;
  rule.comment = std::move(comment);
  return rule;
}

// A call with conditions stands in rules of its own.
bool StandsAlone(const Plan& plan, std::string_view call) {
  return (call == "clone" && plan.result.clone_narrowed) || plan.result.narrowed.contains(std::string(call));
}

// Of an int the kernel takes the low half; what the upper half of its register holds nobody promises.
profile::Condition Exactly(Abi abi, std::string_view call, uint32_t argument, uint64_t value) {
  if (IsInt(call, argument) && !Is32Bit(abi))
    return {argument, profile::Operator::kMaskedEqual, UINT32_MAX, value};
  return {argument, profile::Operator::kEqual, value, 0};
}

// A rule for each combination of arguments.
void AddNarrowedRules(Plan& plan) {
  const Abi abi = plan.options.target.arch;
  for (const auto& [call, arguments] : plan.result.narrowed) {
    const auto number = SyscallNumber(abi, call);
    std::string seen = "; seen in " + JoinUsers(plan.result.grants.at(call).users);
    for (const auto& values : arguments.values()) {
      const std::string text =
          number ? evidence::ValuesText(abi, *number, arguments.indices(), values) : std::string();
      Rule rule = AllowRule({call}, call + text + std::exchange(seen, ""));
      for (size_t i = 0; i < values.size(); ++i)
        rule.conditions.push_back(Exactly(abi, call, arguments.indices()[i], values[i]));
      plan.result.document.rules.push_back(std::move(rule));
    }
  }
}

void AddCloneRule(Plan& plan) {
  if (!plan.result.clone_narrowed || !plan.result.grants.contains("clone")) return;
  std::string comment =
      "processes: clone, but not with flags that make namespaces (CLONE_NEWUSER and the like), which the "
      "workload "
      "does not do";
  if (plan.result.clone3_replaced) {
    comment +=
        "; clone3, whose flags no filter can see, was seen too and is answered ENOSYS below: libcs then take "
        "clone";
  }
  const auto& users = plan.result.grants.at("clone").users;
  if (!users.empty()) comment += "; seen in " + JoinUsers(users);
  Rule rule = AllowRule({"clone"}, comment);
  rule.conditions.push_back(OrdinaryClone(plan.options.target.arch));
  plan.result.document.rules.push_back(std::move(rule));
}

void AddWorkloadRules(Plan& plan) {
  for (const auto group : SyscallGroups()) {
    std::vector<std::string> names;
    std::set<std::string> users;
    for (const auto& [call, grant] : plan.result.grants) {
      if (grant.origin != Origin::kWorkload || SyscallGroup(call) != group || StandsAlone(plan, call))
        continue;
      names.push_back(call);
      users.insert(grant.users.begin(), grant.users.end());
    }
    if (names.empty()) continue;
    plan.result.document.rules.push_back(
        AllowRule(names, fmt::format("{}: seen in {}", group, JoinUsers(users))));
  }
}

std::vector<std::string> NamesOf(const Plan& plan, Origin origin) {
  std::vector<std::string> names;
  for (const auto& [call, grant] : plan.result.grants) {
    if (grant.origin == origin && !StandsAlone(plan, call)) names.push_back(call);
  }
  return names;
}

void AddRule(Plan& plan, Origin origin, const std::string& comment) {
  auto names = NamesOf(plan, origin);
  if (!names.empty()) plan.result.document.rules.push_back(AllowRule(std::move(names), comment));
}

// Calls with one reason stand together.
std::string ReasonsOf(const Plan& plan, Origin origin) {
  std::map<std::string, std::string> by_reason;
  for (const auto& [call, grant] : plan.result.grants) {
    if (grant.origin != origin || StandsAlone(plan, call)) continue;
    auto& calls = by_reason[grant.because];
    if (!calls.empty()) calls += ", ";
    calls += grant.instead_of.empty() ? call : fmt::format("{} for {}", call, grant.instead_of);
  }
  std::string text;
  for (const auto& [because, calls] : by_reason) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", calls, because);
  }
  return text;
}

void AddEnosysRule(Plan& plan) {
  if (plan.result.answered_enosys.empty()) return;
  Rule rule;
  rule.names.assign(plan.result.answered_enosys.begin(), plan.result.answered_enosys.end());
  rule.action = Action::kErrno;
  rule.errno_return = ENOSYS;
  rule.comment =
      "not allowed, and answered \"no such call\" (ENOSYS): programs then take an older call, where \"not "
      "permitted\" (EPERM) "
      "would make them fail";
  plan.result.document.rules.push_back(std::move(rule));
}

std::string RecordingsText(const Plan& plan) {
  uint64_t epochs = 0;
  std::set<std::string> targets;
  for (const auto& [id, recording] : plan.evidence.recordings) {
    epochs += recording.epochs;
    targets.insert(recording.target + (recording.image.empty() ? "" : " of image " + recording.image));
  }
  return fmt::format("{} recording{} ({}), {} epochs", plan.evidence.recordings.size(),
                     plan.evidence.recordings.size() == 1 ? "" : "s", JoinUsers(targets), epochs);
}

std::string DefaultText(Deny deny) {
  switch (deny) {
    case Deny::kErrno:
      return "What is not listed is refused (EPERM)";
    case Deny::kLog:
      return "What is not listed is logged and NOT refused: this profile protects nothing";
    case Deny::kKill:
      return "A process that makes a call that is not listed is killed";
  }
  return "";
}

// The format has no place for a comment on the whole: it stands before that of the first rule.
std::string TopComment(const Plan& plan) {
  std::string text = fmt::format("Made by whittle generate from {}. Target: {}. {}.", RecordingsText(plan),
                                 plan.options.target.Text(), DefaultText(plan.options.deny));
  if (plan.abis.size() > 1) {
    text +=
        " Other architectures than the native one were seen; a name opens the call on all that are listed.";
    for (const auto& [machine, calls] : plan.result.opened_elsewhere)
      text += fmt::format(" Open on {} though seen elsewhere only: {}.", AbiName(machine),
                          Join(std::vector(calls.begin(), calls.end()), " "));
  } else {
    text += " No other architecture was seen: calls of any other are killed.";
  }
  for (const auto& warning : plan.result.warnings) text += fmt::format(" WARNING: {}.", warning);
  return text;
}

Action DefaultAction(Deny deny) {
  switch (deny) {
    case Deny::kErrno:
      return Action::kErrno;
    case Deny::kLog:
      return Action::kLog;
    case Deny::kKill:
      return Action::kKillProcess;
  }
  return Action::kErrno;
}

}  // namespace

Result<void> WriteDocument(Plan& plan) {
  auto& document = plan.result.document;
  document.default_action = DefaultAction(plan.options.deny);
  document.architectures.emplace_back(ScmpArchName(plan.options.target.arch));
  for (const Abi abi : plan.abis) {
    const std::string name(ScmpArchName(abi));
    if (std::ranges::find(document.architectures, name) == document.architectures.end()) {
      document.architectures.push_back(name);
    }
  }
  AddWorkloadRules(plan);
  AddNarrowedRules(plan);
  AddCloneRule(plan);
  AddRule(plan, Origin::kEssential, "always, seen or not: " + ReasonsOf(plan, Origin::kEssential));
  AddRule(plan, Origin::kRuntime, "runtime: " + plan.baseline_comment);
  AddRule(plan, Origin::kEquivalent, "portable: " + ReasonsOf(plan, Origin::kEquivalent));
  AddEnosysRule(plan);
  auto& first = document.rules.front().comment;
  first = TopComment(plan) + " -- " + first;
  return {};
}

}  // namespace whittle::optimize
