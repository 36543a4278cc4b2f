// A drop-in for units: SystemCallFilter=, SystemCallErrorNumber=, SystemCallArchitectures=, SystemCallLog=,
// as systemd.exec(5) documents them. A unit's list allows or denies names, the same on every architecture,
// and tests no arguments. A name that a list which allows takes away with an error of its own
// ("~clone3:ENOSYS") gets that instead of the default (src/shared/seccomp-util.c of systemd).
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "base/text.h"
#include "export/calls.h"
#include "export/losses.h"
#include "export/name.h"
#include "import/systemd_groups.h"
#include "syscalls/table.h"

namespace whittle::exporting {
namespace {

using filter::Decision;
using profile::Action;

constexpr size_t kLineWidth = 100;

// The nearest to an answer that a unit can give: it kills processes or answers an errno.
Decision Refusal(const Decision& answer) {
  switch (answer.action) {
    case Action::kKillProcess:
    case Action::kKillThread:
    case Action::kTrap:
      return {Action::kKillProcess, 0};
    case Action::kErrno:
      // Zero is no error number of a unit's.
      return {Action::kErrno, answer.data == 0 ? static_cast<uint16_t>(EPERM) : answer.data};
    default:
      return {Action::kErrno, EPERM};
  }
}

// Empty: killed, which is what a unit does where no number is given.
std::string ErrorText(const Decision& refusal) {
  if (refusal.action == Action::kKillProcess) return "";
  const std::string name = profile::ErrnoName(refusal.data);
  return name.find(' ') == name.npos ? name : fmt::format("{}", refusal.data);
}

// "SystemCallFilter=a b c", in lines that a person can read; each adds to the one before.
std::string Lines(const std::string& key, const std::vector<std::string>& words) {
  std::string text;
  std::string line;
  for (const auto& word : words) {
    if (!line.empty() && key.size() + line.size() + word.size() > kLineWidth) {
      text += key + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? text : text + key + line + "\n";
}

class Unit {
 public:
  Unit(const Source& source, const filter::Meaning& meaning)
      : source_(source), meaning_(meaning), allow_list_(profile::Blocks(meaning.otherwise.action)) {}

  Result<Exported> Write();

 private:
  Decision Default() const;
  Decision Unnamed() const;
  Decision Given(const ListedCall& call) const;
  std::string Architectures() const;
  std::string Filter() const;
  std::string Log() const;

  const Source& source_;
  const filter::Meaning& meaning_;
  const bool allow_list_;
  std::map<std::string, Decision> given_;  // by name: what the unit answers
};

Decision Unit::Default() const {
  return allow_list_ ? Refusal(meaning_.otherwise) : Decision{meaning_.otherwise.action, 0};
}

// Calls without a name cannot be logged where there is none that is not.
Decision Unit::Unnamed() const {
  const auto allowed = [](const auto& call) { return call.second.action == Action::kAllow; };
  const bool by_names = Default().action == Action::kLog && std::ranges::none_of(given_, allowed);
  return by_names ? Decision{Action::kAllow, 0} : Default();
}

// What the unit will answer: one thing, whatever the arguments.
Decision Unit::Given(const ListedCall& call) const {
  const bool passes = AllPass(call) || (SomePass(call) && source_.options.inexact == Inexact::kAllow);
  if (passes) {
    const bool all_logged = std::ranges::none_of(
        call.answers, [](const Decision& answer) { return answer.action == Action::kAllow; });
    return {all_logged ? Action::kLog : Action::kAllow, 0};
  }
  const auto blocked = std::ranges::find_if(
      call.answers, [](const Decision& answer) { return profile::Blocks(answer.action); });
  return Refusal(*blocked);
}

std::string Unit::Architectures() const {
  std::string text = "native";
  for (const auto& rules : meaning_.abis) {
    if (rules.abi() == source_.target.arch) continue;
    std::string name(rules.abi() == Abi::kI386 ? "x86" : AbiName(rules.abi()));
    std::ranges::replace(name, '_', '-');
    text += " " + name;
  }
  return text;
}

// The lines of the filter. systemd adds @default to a list that allows, so what is not wanted of it is taken
// away again, as is what is refused in another way than by default; calls that none of the unit's ABIs has
// are nobody's.
std::string Unit::Filter() const {
  const auto added = import::CallsOfSystemdSet("@default");
  std::vector<std::string> allowed, denied, taken_away;
  for (const auto& [name, answer] : given_) {
    if (!profile::Blocks(answer.action)) {
      allowed.push_back(name);
      continue;
    }
    const std::string error = ErrorText(answer);
    const std::string own = error.empty() ? "kill" : error;
    denied.push_back(error.empty() ? name : name + ":" + error);
    if (ReturnOf(answer) != ReturnOf(Default())) {
      taken_away.push_back(name + ":" + own);
    } else if (std::ranges::find(added, name) != added.end()) {
      taken_away.push_back(name);
    }
  }
  if (!allow_list_) return Lines("SystemCallFilter=~", denied);
  // A list that allows nothing still has to be one.
  if (allowed.empty()) allowed.emplace_back("@default");
  return Lines("SystemCallFilter=", allowed) + Lines("SystemCallFilter=~", taken_away);
}

std::string Unit::Log() const {
  std::vector<std::string> logged, unlogged;
  for (const auto& [name, answer] : given_) {
    if (answer.action == Action::kLog) logged.push_back(name);
    if (answer.action == Action::kAllow) unlogged.push_back(name);
  }
  if (Default().action == Action::kLog)
    return unlogged.empty() ? "SystemCallLog=@known\n" : Lines("SystemCallLog=~", unlogged);
  return Lines("SystemCallLog=", logged);
}

Result<Exported> Unit::Write() {
  Losses losses;
  // One name has one answer on all ABIs: that of the first one which has the call, the native one before
  // others.
  std::vector<std::pair<Abi, std::vector<ListedCall>>> calls;
  for (const auto& rules : meaning_.abis)
    calls.emplace_back(rules.abi(), TRY(CallsOf(source_, meaning_, rules.abi())));
  for (const auto& [abi, list] : calls) {
    for (const auto& call : list) given_.emplace(call.name, Given(call));
  }
  for (const auto& [abi, list] : calls) {
    for (const auto& call : list)
      losses.Compare(abi, call.name, call.answers, given_.at(call.name), call.rule);
    losses.Compare(abi, "calls without a name", {meaning_.otherwise}, Unnamed());
  }
  losses.AddMembersForRuntimes(source_.flat);
  const auto execve = given_.find("execve");
  Exported exported;
  if (execve != given_.end() && profile::Blocks(execve->second.action))
    exported.notes.emplace_back("execve is refused: systemd executes the unit's program under the filter");
  // What a unit has of its own is forgotten first: lists would be added to it.
  exported.text = fmt::format(
      "# Made by whittle convert of {}\n[Service]\n"
      "SystemCallArchitectures=\nSystemCallArchitectures={}\nSystemCallErrorNumber={}\nSystemCallFilter=\n{}"
      "SystemCallLog=\n{}",
      Origin(source_), Architectures(), allow_list_ ? ErrorText(Default()) : "", Filter(), Log());
  exported.lost = losses.Lines();
  return exported;
}

}  // namespace

Result<Exported> WriteSystemd(const Source& source) {
  const auto meaning = WithoutStub(source);
  return Unit(source, meaning).Write();
}

}  // namespace whittle::exporting
