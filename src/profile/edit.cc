#include "profile/edit.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "profile/library_names.h"
#include "syscalls/table.h"

namespace whittle::profile {
namespace {

constexpr uint32_t kEnosys = ENOSYS;

bool LetsPass(Action action) { return action >= Action::kNotify; }

bool Names(const Rule& rule, std::string_view call) {
  return rule.legacy_name == call || std::ranges::find(rule.names, call) != rule.names.end();
}

bool AnswersEnosys(const Rule& rule) {
  return rule.action == Action::kErrno && (rule.errno_return == kEnosys || rule.errno_text == "ENOSYS");
}

void SetAnswer(Rule& rule, Action action) {
  rule.action = action;
  rule.errno_text.clear();
  rule.errno_return.reset();
  if (action == Action::kErrno) rule.errno_return = EPERM;
}

Result<void> CheckNames(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (IsSyscallName(name) || LibraryName::Find(name)) continue;
    const auto digits = std::string_view(name).substr(name.starts_with('#') ? 1 : 0);
    if (ParseUnsigned(digits)) {
      return Fail(ErrorCode::kBadInput,
                  fmt::format("'{}' is a number, and profiles hold names: 'whittle explain {}' says whose it "
                              "is here",
                              Printable(name), digits));
    }
    return Fail(ErrorCode::kBadInput,
                fmt::format("no system call '{}' on any architecture{}", Printable(name), DidYouMean(name)));
  }
  return {};
}

// Takes the name out of every rule that `wanted` holds for; rules that name nothing any more go with it.
template <typename Wanted>
bool TakeOut(Document& document, const std::string& call, Wanted wanted) {
  bool found = false;
  std::erase_if(document.rules, [&](Rule& rule) {
    if (!wanted(rule) || !Names(rule, call)) return false;
    found = true;
    std::erase(rule.names, call);
    if (rule.legacy_name == call) rule.legacy_name.clear();
    return rule.names.empty() && rule.legacy_name.empty();
  });
  return found;
}

// Everything that the document refuses gets another answer.
void ChangeDenial(Document& document, Action action) {
  if (!LetsPass(document.default_action)) {
    document.default_action = action;
    document.default_errno_return.reset();
    document.default_errno_text.clear();
  }
  for (auto& rule : document.rules) {
    const bool keep = LetsPass(rule.action) || (action != Action::kLog && AnswersEnosys(rule));
    if (!keep) SetAnswer(rule, action);
  }
}

// Beside a rule that refuses the call one that allows it may have no effect.
bool AllowedAlways(const Document& document, const std::string& call) {
  const bool refused = std::ranges::any_of(
      document.rules, [&](const Rule& rule) { return !LetsPass(rule.action) && Names(rule, call); });
  return !refused && std::ranges::any_of(document.rules, [&](const Rule& rule) {
    return rule.action == Action::kAllow && rule.conditions.empty() && rule.includes.empty() &&
           rule.excludes.empty() && Names(rule, call);
  });
}

bool NamedAnywhere(const Document& document, const std::string& call) {
  return std::ranges::any_of(document.rules, [&](const Rule& rule) { return Names(rule, call); });
}

Rule RuleFor(const std::set<std::string>& calls, Action action, std::string comment) {
  Rule rule;
  rule.names.assign(calls.begin(), calls.end());
  SetAnswer(rule, action);
  rule.comment = std::move(comment);
  return rule;
}

// A rule of its own even where the default answers alike: runc answers ENOSYS to calls beyond the last one
// that a document names, so a name that is gone would change the answers to others.
void Remove(Edited& edited, const Edit& edit) {
  Document& document = edited.document;
  for (const auto& call : edit.remove) {
    const bool passed = MayPass(document, call);
    TakeOut(document, call, [](const Rule& rule) { return LetsPass(rule.action); });
    (passed ? edited.removed : edited.refused_before).insert(call);
  }
  if (edited.removed.empty()) return;
  document.rules.push_back(
      RuleFor(edited.removed, edit.deny.value_or(Action::kErrno), "removed by whittle profile new"));
}

void Add(Edited& edited, const Edit& edit) {
  Document& document = edited.document;
  for (const auto& call : edit.add) {
    const bool by_default = document.default_action == Action::kAllow && !NamedAnywhere(document, call);
    if (by_default || AllowedAlways(document, call)) {
      edited.allowed_before.insert(call);
      continue;
    }
    TakeOut(document, call, [](const Rule&) { return true; });
    edited.added.insert(call);
  }
  // Where the default allows, taking the name out of the rules was enough.
  if (edited.added.empty() || document.default_action == Action::kAllow) return;
  document.rules.push_back(RuleFor(edited.added, Action::kAllow, "added by whittle profile new"));
}

}  // namespace

bool MayPass(const Document& document, std::string_view call) {
  bool refused = false;
  for (const auto& rule : document.rules) {
    if (!Names(rule, call)) continue;
    if (LetsPass(rule.action)) return true;
    refused = refused || (rule.conditions.empty() && rule.includes.empty() && rule.excludes.empty());
  }
  return !refused && LetsPass(document.default_action);
}

Result<Edited> Apply(Document document, const Edit& edit) {
  TRY(CheckNames(edit.remove));
  TRY(CheckNames(edit.add));
  for (const auto& call : edit.add) {
    if (std::ranges::find(edit.remove, call) == edit.remove.end()) continue;
    return Fail(ErrorCode::kUsage, fmt::format("'{}' is to be both removed and added", Printable(call)));
  }
  Edited edited;
  edited.document = std::move(document);
  edited.document.decided_by_containerd = false;  // it is nobody's own any more
  if (edit.deny) ChangeDenial(edited.document, *edit.deny);
  Remove(edited, edit);
  Add(edited, edit);
  return edited;
}

}  // namespace whittle::profile
