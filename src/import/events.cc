// Events of the kernel's tracepoints of calls, as `perf script`, `trace-cmd report` and the tracing folder's
// own files print them: "sh 27036 [000] 16045.652169: raw_syscalls:sys_enter: NR 12 (0, ...)",
// "syscalls:sys_enter_openat: dfd: ...", "sh-27036 [000] ..... 17284.99: sys_openat(dfd: ...)", and their
// ends.
#include <fmt/core.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "import/fate.h"
#include "import/format.h"
#include "import/open_calls.h"
#include "import/registers.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

constexpr size_t npos = std::string_view::npos;

struct EventLine {
  enum class Kind {
    kEnter,  // of `name` or `number`
    kExit,   // with `value`
    kLost,   // so many events
    kOther,  // another event, or a frame of a stack
    kUnknown,
  };
  Kind kind = Kind::kUnknown;
  std::string_view name;
  std::optional<uint32_t> number;
  uint64_t thread = 0;
  int64_t when_ms = kUndated;
  int64_t value = 0;
  uint64_t lost = 0;
  // Of an event that enters, hexadecimal: "1, 7ffd7, 0, 0, 0, 0", "family: 0x00000002, type: 0x00080001,
  // ...", "family: 2, type: 80001, ...".
  std::string_view registers;
};

std::string_view LeadingDigits(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && IsDigit(text[end])) ++end;
  return text.substr(0, end);
}

// Where the event begins: behind "16045.652169:".
size_t EventStart(std::string_view line, int64_t& when_ms) {
  for (size_t at = line.find(": "); at != npos; at = line.find(": ", at + 1)) {
    const size_t blank = line.rfind(' ', at);
    const auto word = line.substr(blank == npos ? 0 : blank + 1, at - (blank == npos ? 0 : blank + 1));
    const size_t dot = word.find('.');
    if (dot == npos || dot == 0 || word.find_first_not_of("0123456789.") != npos) continue;
    const auto seconds = ParseUnsigned(word.substr(0, dot));
    const auto fraction = ParseUnsigned("1" + std::string(word.substr(dot + 1, 3)));
    if (!seconds || *seconds > UINT32_MAX || !fraction || word.size() - dot < 4) continue;
    when_ms = static_cast<int64_t>(*seconds * 1000 + *fraction - 1000);
    return at + 2;
  }
  return npos;
}

// "sh 27036 [000] ", "sh-27036 [000] d... ", "sh 27036/27036 ": the last number before the processor's.
std::optional<uint64_t> ThreadOf(std::string_view before) {
  const size_t bracket = before.rfind(" [");
  auto text = Trim(before.substr(0, bracket));
  while (text.ends_with(')')) {  // "(27036)"
    const size_t opened = text.rfind('(');
    if (opened == npos) return std::nullopt;
    text = Trim(text.substr(0, opened));
  }
  size_t begin = text.size();
  while (begin > 0 && IsDigit(text[begin - 1])) --begin;
  return ParseUnsigned(text.substr(begin));
}

// "0xfffffffffffffff3", "-2", "3"
std::optional<int64_t> ValueOf(std::string_view text) {
  text = Trim(text);
  text = text.substr(0, text.find(' '));
  if (text.starts_with("0x")) {
    const auto value = ParseUnsigned(text);
    return value ? std::optional(static_cast<int64_t>(*value)) : std::nullopt;
  }
  return ParseSigned(text);
}

// Up to the first that is none: a string, which some kernels print, may have any text.
std::vector<uint64_t> Registers(std::string_view text) {
  constexpr size_t kMost = 6;
  std::vector<uint64_t> registers;
  for (auto part : Split(text.substr(0, text.find('"')), ',')) {
    if (const size_t colon = part.rfind(": "); colon != npos) part.remove_prefix(colon + 2);
    part = Trim(part);
    if (part.starts_with("0x")) part.remove_prefix(2);
    const auto value = ParseUnsigned("0x" + std::string(part));
    if (!value || registers.size() == kMost) break;
    registers.push_back(*value);
  }
  return registers;
}

// "NR 12 (0, 7ffc...)", "NR 12 = 94322030522368"
void TakeRaw(std::string_view text, bool enters, EventLine& line) {
  text = Trim(text);
  if (!text.starts_with("NR ")) return;
  text.remove_prefix(3);
  const auto number = ParseSigned(text.substr(0, text.find(' ')));
  const bool is_cut = enters && text.find(')') == npos;  // the registers always follow
  if (!number || is_cut) {
    line.kind = EventLine::Kind::kUnknown;
    return;
  }
  // A call that a tracer or a filter skipped has -1 here.
  line.kind = EventLine::Kind::kOther;
  if (*number < 0 || *number > UINT32_MAX) return;
  const size_t equals = text.find("= ");
  const auto value = !enters && equals != npos ? ValueOf(text.substr(equals + 2)) : std::nullopt;
  if (!enters && !value) return;
  line.number = static_cast<uint32_t>(*number);
  if (const size_t open = text.find('('); enters && open != npos)
    line.registers = text.substr(open + 1, text.find(')', open) - open - 1);
  line.value = value.value_or(0);
  line.kind = enters ? EventLine::Kind::kEnter : EventLine::Kind::kExit;
}

// "openat: dfd: ...", "openat: 0x3"; of ftrace "openat(dfd: ...", "openat -> 0x3"
void TakeNamed(std::string_view text, bool enters, EventLine& line) {
  const size_t end = text.find_first_of(":( ");
  const bool is_cut = enters && end != npos && text[end] == '(' && text.find(')') == npos;
  if (is_cut) {
    line.kind = EventLine::Kind::kUnknown;
    return;
  }
  line.name = text.substr(0, end);
  if (enters && end != npos) line.registers = text.substr(end + 1, text.rfind(')') - end - 1);
  line.kind = enters ? EventLine::Kind::kEnter : EventLine::Kind::kExit;
  if (enters || end == npos) return;
  const auto value = ValueOf(text.substr(std::min(text.find_first_of(":>", end) + 1, text.size())));
  if (value) line.value = *value;
}

void TakeEvent(std::string_view text, EventLine& line) {
  text = Trim(text);
  for (const std::string_view group : {"raw_syscalls:", "syscalls:"}) {
    if (text.starts_with(group)) text.remove_prefix(group.size());
  }
  line.kind = EventLine::Kind::kOther;
  if (text.starts_with("sys_enter: ")) return TakeRaw(text.substr(10), true, line);
  if (text.starts_with("sys_exit: ")) return TakeRaw(text.substr(9), false, line);
  if (!text.starts_with("sys_")) return;
  const size_t end = std::min(text.find_first_of("(: "), text.size());
  const bool returns = text.substr(end).starts_with(" -> ");
  if (text.substr(end).starts_with('(') || returns) return TakeNamed(text.substr(4), !returns, line);
  if (text.starts_with("sys_enter_")) return TakeNamed(text.substr(10), true, line);
  if (text.starts_with("sys_exit_")) return TakeNamed(text.substr(9), false, line);
}

// "\tffffffff81415511 __traceiter_sys_enter+0x31 ([kernel.kallsyms])", " => do_syscall_64"
bool IsFrame(std::string_view line) {
  if (!line.starts_with(' ') && !line.starts_with('\t')) return false;
  const auto text = Trim(line);
  if (text.starts_with("=> ")) return true;
  const size_t blank = text.find(' ');
  return blank != npos && text.ends_with(')') && text.find_first_not_of("0123456789abcdef") == blank;
}

// "CPU:0 [LOST 123 EVENTS]", "... PERF_RECORD_LOST lost 123"
std::optional<uint64_t> LostIn(std::string_view line) {
  for (const std::string_view sign : {"[LOST ", "PERF_RECORD_LOST lost "}) {
    const size_t at = line.find(sign);
    if (at != npos) return ParseUnsigned(LeadingDigits(line.substr(at + sign.size())));
  }
  return std::nullopt;
}

EventLine ParseEventLine(std::string_view text) {
  EventLine line;
  if (const auto lost = LostIn(text)) {
    line.kind = EventLine::Kind::kLost;
    line.lost = *lost;
    return line;
  }
  const size_t start = EventStart(text, line.when_ms);
  const auto thread = start == npos ? std::nullopt : ThreadOf(text.substr(0, text.rfind(' ', start - 2)));
  if (thread) {
    line.thread = *thread;
    TakeEvent(text.substr(start), line);
  } else if (IsFrame(text)) {
    line.kind = EventLine::Kind::kOther;
  }
  return line;
}

class EventsParser final : public Parser {
 public:
  EventsParser(Tally& tally, const Settings& settings) : tally_(tally), settings_(settings), open_(tally) {}

  Understood Line(std::string_view text) override;
  void EndFile() override { open_.End(); }
  void End() override;

 private:
  Understood TakeCall(const EventLine& line);

  Tally& tally_;
  const Settings settings_;
  OpenCalls open_;
  bool any_call_ = false;
  bool any_raw_ = false;
  bool started_ = false;  // the first that was seen is an exec
};

Understood EventsParser::TakeCall(const EventLine& line) {
  const auto number = line.number ? line.number : SyscallNumberOfFunction(settings_.native, line.name);
  if (!number) {
    tally_.Warn(
        fmt::format("'{}' is no call of {}: not imported", Printable(line.name), AbiName(settings_.native)));
    return Understood::kNo;
  }
  if (!any_call_) started_ = SyscallName(settings_.native, *number) == "execve";
  any_call_ = true;
  any_raw_ = any_raw_ || line.number.has_value();
  const Abi abi = AbiOfNumber(settings_.native, *number);
  Sighting call{&tally_.Of({"-", "?", evidence::Arrival::kWorkload}), {abi, *number}, line.when_ms};
  call.key.under_filter = settings_.enforced != nullptr;
  if (line.kind == EventLine::Kind::kEnter) {
    if (KeepsRegisters(abi, *number)) TakeRegisters(Registers(line.registers), call.key, call.arguments);
    open_.Enter(line.thread, call);
    return Understood::kYes;
  }
  constexpr int64_t kMostErrno = 4095;
  const bool failed = line.value < 0 && line.value >= -kMostErrno;
  const char* error = failed ? strerrorname_np(static_cast<int>(-line.value)) : nullptr;
  call.key.fate = FateOfResult(settings_, abi, *number, error == nullptr ? "" : error);
  open_.Return(line.thread, call);
  return Understood::kYes;
}

Understood EventsParser::Line(std::string_view text) {
  const EventLine line = ParseEventLine(text);
  switch (line.kind) {
    case EventLine::Kind::kLost:
      tally_.Lose("ring-overrun", "the kernel's ring had no place for events", line.lost);
      return Understood::kYes;
    case EventLine::Kind::kOther:
      return Understood::kYes;
    case EventLine::Kind::kUnknown:
      return Understood::kNo;
    default:
      return TakeCall(line);
  }
}

void EventsParser::End() {
  open_.End();
  if (!any_call_) return;
  if (started_) tally_.Exercised("start");
  if (!started_) {
    tally_.Lose("late-attach",
                "possible: the events do not begin with an execve: start-up calls were not seen");
  }
  tally_.Lose("mixed-abi",
              any_raw_ ? fmt::format("possible: numbers of 32-bit processes' calls look like those of {}",
                                     AbiName(settings_.native))
                       : "possible: the kernel tells of no calls of 32-bit processes by these events");
}

}  // namespace

bool LooksLikeEvents(std::string_view text) {
  const auto kind = ParseEventLine(text).kind;
  return kind == EventLine::Kind::kEnter || kind == EventLine::Kind::kExit;
}

std::unique_ptr<Parser> MakeEvents(Tally& tally, const Settings& settings) {
  return std::make_unique<EventsParser>(tally, settings);
}

}  // namespace whittle::import
