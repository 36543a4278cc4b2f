// Unit files: SystemCallFilter=, SystemCallErrorNumber=, SystemCallArchitectures=, SystemCallLog=, as
// systemd.exec(5) documents them. The first filter line decides whether the list allows or denies; later ones
// add and take away.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "import/format.h"
#include "import/intent.h"
#include "import/strace_words.h"
#include "import/systemd_groups.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

constexpr std::string_view kNames[] = {"SystemCallFilter", "SystemCallErrorNumber", "SystemCallArchitectures",
                                       "SystemCallLog"};

// Where they have a meaning; `systemctl show` has no sections.
constexpr std::string_view kSections[] = {"", "[Service]", "[Socket]", "[Mount]", "[Swap]"};

// The option that a line assigns, and what to it.
std::optional<std::pair<std::string_view, std::string_view>> ParseAssignment(std::string_view line) {
  const size_t equals = line.find('=');
  if (equals == line.npos) return std::nullopt;
  return std::pair(Trim(line.substr(0, equals)), Trim(line.substr(equals + 1)));
}

// The calls of a unit, and with which error each is refused ("" : killed, or not refused).
struct List {
  bool given = false;
  bool allows = false;
  std::map<std::string, std::string, std::less<>> calls;
};

class SystemdParser final : public Parser {
 public:
  SystemdParser(Tally& tally, const Settings& settings) : settings_(settings), intent_(tally) {}

  Result<std::vector<Complaint>> Document(std::string_view text, const std::string& shown) override;
  void End() override { intent_.End(); }

 private:
  void TakeLine(std::string_view line);
  void TakeList(List& list, std::string_view value);
  void Put(List& list, std::string_view word, bool inverted);
  // Of the line that is read.
  template <typename Why>
  void Complain(Why why) {
    AddComplaint(complaints_, line_, why);
  }
  void TakeError(std::string_view value);
  void TakeArchitectures(std::string_view value);
  void Finish();
  void AddList(const List& list, profile::Action otherwise);

  const Settings settings_;
  Intent intent_;
  std::vector<Complaint> complaints_;
  uint64_t line_ = 0;
  List filter_, log_;
  std::string section_;
  std::string error_;  // of SystemCallErrorNumber=; empty: killed
  std::set<Abi> abis_;
};

// "EPERM", "1", "kill".
bool IsError(std::string_view text) {
  constexpr uint64_t kMostErrno = 4095;
  const auto number = ParseUnsigned(text);
  return text == "kill" || ErrnoNumber(text) != 0 || (number && *number <= kMostErrno);
}

// A name, a set, in filters either with ":ERRNO". systemd ignores what it does not know, and an error of what
// a line allows.
void SystemdParser::Put(List& list, std::string_view word, bool inverted) {
  const bool add = list.allows != inverted;
  const size_t colon = &list == &filter_ ? std::min(word.find(':'), word.size()) : word.size();
  const auto name = word.substr(0, colon);
  const std::string error(word.substr(std::min(colon + 1, word.size())));
  if (colon < word.size() && (!inverted || !IsError(error))) {
    Complain([&] {
      return inverted
                 ? fmt::format("'{}' is no error", Printable(error))
                 : fmt::format("'{}': what is allowed has no error, systemd ignores it", Printable(word));
    });
    return;
  }
  const bool is_set = name.starts_with('@');
  const auto calls = is_set ? CallsOfSystemdSet(name) : std::vector{name};
  const bool known = is_set ? !calls.empty() : IsSyscallName(name);
  if (!known) {
    Complain([&] {
      return fmt::format("no {} is named '{}'{}", is_set ? "set of systemd's" : "system call",
                         Printable(name), is_set ? "" : DidYouMean(name));
    });
    return;
  }
  for (const auto call : calls) {
    if (add || !error.empty()) {  // also one that a list of allowed calls refuses in its own way
      list.calls.insert_or_assign(std::string(call), error);
    } else if (const auto known_call = list.calls.find(call); known_call != list.calls.end()) {
      list.calls.erase(known_call);
    }
  }
}

// "read write", "~@mount bpf:EPERM", or nothing, which forgets what came before.
void SystemdParser::TakeList(List& list, std::string_view value) {
  if (value.empty()) {
    list = {};
    return;
  }
  const bool inverted = value.starts_with('~');
  if (inverted) value.remove_prefix(1);
  if (!list.given) {
    list.given = true;
    list.allows = !inverted;
    if (list.allows && &list == &filter_) Put(list, "@default", false);  // systemd adds it by itself
  }
  for (const auto word : Words(value)) Put(list, word, inverted);
}

// "native", "x86", "x86-64", "arm64", ...
void SystemdParser::TakeArchitectures(std::string_view value) {
  if (value.empty()) abis_.clear();
  for (const auto word : Words(value)) {
    if (word == "native") continue;
    std::string name(word);
    std::ranges::replace(name, '-', '_');
    const auto abi = ParseAbi(name);
    if (abi) {
      abis_.insert(*abi);
    } else {
      Complain([&] { return fmt::format("unknown architecture '{}'", Printable(word)); });
    }
  }
}

// `systemctl show` has numbers where units have "kill".
void SystemdParser::TakeError(std::string_view value) {
  constexpr std::string_view kKill = "2147483646";
  if (value.empty() || value == "kill" || value == kKill) {
    error_.clear();
  } else if (IsError(value)) {
    error_ = value;
  } else {
    Complain([&] { return fmt::format("'{}' is no error", Printable(value)); });
  }
}

void SystemdParser::TakeLine(std::string_view line) {
  const bool is_section = line.starts_with('[') && line.ends_with(']');
  if (is_section) section_ = line;
  const auto assignment = ParseAssignment(line);
  const bool is_misspelled = assignment && assignment->first.starts_with("SystemCall") &&
                             std::ranges::find(kNames, assignment->first) == std::end(kNames);
  if (is_misspelled || (!assignment && !is_section && !Trim(line).empty()))
    Complain([&] { return fmt::format("'{}'", Printable(line.substr(0, 160))); });
  if (!assignment || is_section) return;
  const auto [name, value] = *assignment;
  const bool is_ours = std::ranges::find(kNames, name) != std::end(kNames);
  if (is_ours && std::ranges::find(kSections, section_) == std::end(kSections)) {
    Complain([&] { return fmt::format("{}= has no meaning in {}", name, Printable(section_)); });
    return;
  }
  if (name == kNames[0]) TakeList(filter_, value);
  if (name == kNames[1]) TakeError(value);
  if (name == kNames[2]) TakeArchitectures(value);
  if (name == kNames[3]) TakeList(log_, value);
}

void SystemdParser::AddList(const List& list, profile::Action otherwise) {
  using profile::Action;
  for (const auto& [name, error] : list.calls) {
    const bool refuses = otherwise == Action::kAllow || !error.empty();
    const std::string& errno_name = error.empty() ? error_ : error;
    const Action refusal = errno_name.empty() || errno_name == "kill" ? Action::kKillProcess : Action::kErrno;
    for (const Abi abi : abis_) {
      const auto number = SyscallNumber(abi, name);
      if (number) intent_.Add("-", abi, *number, refuses ? refusal : Action::kAllow, Intent::Arguments::kAny);
    }
  }
  if (otherwise == Action::kAllow) intent_.AllowsTheRest();
}

void SystemdParser::Finish() {
  abis_.insert(settings_.native);
  if (filter_.given)
    AddList(filter_, filter_.allows ? profile::Action::kKillProcess : profile::Action::kAllow);
  if (!log_.given || !log_.allows) return;  // a list of what is not logged says nothing of what is needed
  for (const auto& [name, error] : log_.calls) {
    for (const Abi abi : abis_) {
      const auto number = SyscallNumber(abi, name);
      if (number) intent_.Add("-", abi, *number, profile::Action::kLog, Intent::Arguments::kAny);
    }
  }
}

// A line that ends in a backslash goes on in the next; comments begin with # or ; and may stand in between.
Result<std::vector<Complaint>> SystemdParser::Document(std::string_view text, const std::string& shown) {
  complaints_.clear();
  filter_ = {};
  log_ = {};
  section_.clear();
  error_.clear();
  abis_.clear();
  std::string whole;
  uint64_t at = 0;
  for (const auto raw : Lines(text)) {
    ++at;
    const auto line = Trim(raw.ends_with('\r') ? raw.substr(0, raw.size() - 1) : raw);
    if (line.starts_with('#') || line.starts_with(';')) continue;
    if (whole.empty()) line_ = at;
    const bool goes_on = line.ends_with('\\');
    whole += goes_on ? line.substr(0, line.size() - 1) : line;
    if (goes_on) {
      whole += ' ';
      continue;
    }
    TakeLine(whole);
    whole.clear();
  }
  TakeLine(whole);
  if (!filter_.given && !log_.given) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: no SystemCallFilter= in it that has an effect", shown));
  }
  Finish();
  return std::move(complaints_);
}

}  // namespace

bool LooksLikeSystemd(std::string_view line) {
  const auto assignment = ParseAssignment(line);
  return assignment && std::ranges::find(kNames, assignment->first) != std::end(kNames);
}

std::unique_ptr<Parser> MakeSystemd(Tally& tally, const Settings& settings) {
  return std::make_unique<SystemdParser>(tally, settings);
}

}  // namespace whittle::import
