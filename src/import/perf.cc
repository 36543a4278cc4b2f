// `perf trace`: a line for each call, entered and returned in one or, where something came between, in two;
// and the table of -s. The kernel drops events that its ring has no place for, and perf says how many.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "import/fate.h"
#include "import/format.h"
#include "import/open_calls.h"
#include "syscalls/constants.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

constexpr size_t npos = std::string_view::npos;

struct PerfLine {
  enum class Kind { kCall, kEntered, kReturned, kOtherEvent, kLost, kUnknown };
  Kind kind = Kind::kUnknown;
  int64_t when_ms = kUndated;
  uint64_t thread = 0;
  std::string_view name;
  std::string_view arguments;  // between its brackets
  std::string_view error;
  uint64_t lost = 0;
  bool certain = false;  // no other tracer writes lines like it
};

bool IsName(char c) { return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '_'; }

std::string_view TrimLeft(std::string_view text) {
  const size_t start = text.find_first_not_of(' ');
  return start == npos ? std::string_view() : text.substr(start);
}

// "   13.017 " in milliseconds, or "? ". False if neither stands there.
bool TakeTime(std::string_view& rest, int64_t& when_ms) {
  rest = TrimLeft(rest);
  const size_t end = rest.find(' ');
  if (end == npos || end == 0) return false;
  const auto word = rest.substr(0, end);
  rest.remove_prefix(end);
  if (word == "?") return true;
  const size_t dot = word.find('.');
  if (dot == npos || word.size() - dot != 4) return false;
  const auto whole = ParseUnsigned(word.substr(0, dot));
  if (!whole || !ParseUnsigned(word.substr(dot + 1)) || *whole > UINT32_MAX) return false;
  when_ms = static_cast<int64_t>(*whole);
  return true;
}

// "( 0.013 ms): " or "(         ): ", where perf is not told to leave it out.
bool TakeDuration(std::string_view& rest) {
  rest = TrimLeft(rest);
  if (!rest.starts_with('(')) return true;
  const size_t close = rest.find("):");
  if (close == npos || rest.substr(1, close - 1).find_first_not_of(" 0123456789.ms") != npos) return false;
  rest.remove_prefix(close + 2);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  return true;
}

size_t NameLength(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && IsName(text[length])) ++length;
  return length;
}

// A call, the rest of one, or an event stands here.
bool IsEventHere(std::string_view rest) {
  const size_t length = NameLength(rest);
  if (length == 0) return TrimLeft(rest).starts_with("... [");
  return length < rest.size() &&
         (rest[length] == '(' || rest[length] == ':' || rest.substr(0, length).ends_with("fault"));
}

// "chown/26555 ": a thread's name of up to 15 bytes, any but NUL, and its id. Traces of one thread have none.
void TakeThread(std::string_view& rest, uint64_t& thread) {
  constexpr size_t kMaxComm = 16;
  for (size_t slash = rest.find('/'); slash != npos && slash <= kMaxComm; slash = rest.find('/', slash + 1)) {
    size_t end = slash + 1;
    while (end < rest.size() && IsDigit(rest[end])) ++end;
    if (end == slash + 1 || end >= rest.size() || rest[end] != ' ') continue;
    const auto id = ParseUnsigned(rest.substr(slash + 1, end - slash - 1));
    if (!id || !IsEventHere(rest.substr(end + 1))) continue;
    thread = *id;
    rest.remove_prefix(end + 1);
    return;
  }
}

// "(family: INET, type: STREAM)" -> what is inside.
std::string_view InBrackets(std::string_view text) {
  text = Trim(text);
  return text.size() >= 2 && text.starts_with('(') && text.ends_with(')') ? text.substr(1, text.size() - 2)
                                                                          : std::string_view();
}

// What stands behind a call's arguments: " = -1 EPERM (Operation not permitted)", " = 0 (Timeout)", " ...".
bool TakeResult(std::string_view rest, PerfLine& line) {
  constexpr std::string_view kGoesOn = "...";
  if (Trim(rest).ends_with(kGoesOn)) {
    line.arguments = InBrackets(Trim(rest).substr(0, Trim(rest).size() - kGoesOn.size()));
    if (line.kind == PerfLine::Kind::kCall) line.kind = PerfLine::Kind::kEntered;
    return true;
  }
  const size_t equals = rest.rfind(" =");
  if (equals == npos) {  // exit_group() never returns
    line.kind = PerfLine::Kind::kEntered;
    line.arguments = InBrackets(rest);
    return Trim(rest).ends_with(')');
  }
  line.arguments = InBrackets(rest.substr(0, equals));
  if (!Trim(rest.substr(0, equals)).ends_with(')')) return false;
  const auto words = Words(rest.substr(equals + 2));
  if (words.empty()) return true;  // getppid() of a process whose parent has no number here
  const bool failed = words[0] == "-1" && words.size() > 1 && words[1].starts_with('E');
  if (failed) line.error = words[1];
  // "= RDWR" of fcntl
  const bool is_flags = words[0].find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_|0123456789x") == npos;
  return IsDigit(words[0][0]) || words[0][0] == '-' || words[0] == "?" || is_flags;
}

// Without what may be a name of a file or a thread, or other text: "3</a, cmd: GETFL>", "7 (a, sig: KILL)".
// Such text may have any end, so it goes to the last one there is.
std::string WithoutNames(std::string_view arguments) {
  std::string text(arguments);
  for (const auto& [open, close] : {std::pair('<', '>'), std::pair('(', ')'), std::pair('"', '"')}) {
    const size_t begin = text.find(open);
    const size_t end = text.rfind(close);
    if (begin != npos) text.erase(begin, end == npos || end <= begin ? npos : end - begin + 1);
  }
  return text;
}

// What stands behind "NAME: "; nothing if that is not there just once: zeros are left out.
std::optional<std::string_view> ValueOf(std::string_view arguments, std::string_view name) {
  std::optional<std::string_view> value;
  for (size_t at = arguments.find(name); at != npos; at = arguments.find(name, at + 1)) {
    const auto rest = arguments.substr(at + name.size());
    const bool begins = at == 0 || arguments.substr(0, at).ends_with(", ");
    if (!rest.starts_with(": ") || (!begins && arguments[at - 1] != ' ')) continue;
    if (value || !begins) return std::nullopt;
    value = rest.substr(2, rest.find(", ") - 2);
  }
  return value;
}

// perf leaves out what names of one kind begin with: "STREAM" of SOCK_STREAM, "CHLD" of SIGCHLD.
std::optional<uint64_t> ShortConstant(Abi abi, std::string_view call, uint32_t argument,
                                      std::string_view word) {
  for (const std::string_view prefix : {"", "AF_", "SOCK_", "PROT_", "MAP_", "F_", "PR_", "SIG", "ARCH_",
                                        "MS_", "MNT_", "BPF_", "KEYCTL_", "CLONE_"}) {
    if (const auto value = ConstantValue(abi, call, argument, std::string(prefix) + std::string(word)))
      return value;
  }
  return std::nullopt;
}

std::optional<uint64_t> NumberOrNames(Abi abi, std::string_view call, uint32_t argument,
                                      std::string_view text) {
  if (const auto number = ParseSigned(text)) return static_cast<uint64_t>(*number);
  if (const auto number = ParseUnsigned(text)) return number;
  uint64_t value = 0;
  for (const auto word : Split(text, '|')) {
    const auto part = ShortConstant(abi, call, argument, word);
    if (!part) return std::nullopt;
    value |= *part;
  }
  return value;
}

// Whether the text tells the whole value. perf names a request of ioctl by its lowest byte (before 4.20: by
// the one beside it), takes the magic number out of the flags of mount, and drops bits of mmap's flags that
// are above all named ones: the size of huge pages.
bool TellsAll(std::string_view call, std::string_view text) {
  if (call == "ioctl") return IsDigit(text.empty() ? ' ' : text.front());
  return call != "mount" && text.find("HUGETLB") == npos;
}

evidence::Arguments ArgumentsOf(std::string_view text, Abi abi, std::string_view call, uint32_t number) {
  auto indices = evidence::KeptArguments(abi, number);
  evidence::Arguments::Values values;
  const std::string without_names = WithoutNames(text);
  for (const uint32_t index : indices) {
    const auto shown = ValueOf(without_names, ParameterName(abi, call, index));
    const bool is_whole = shown && TellsAll(call, *shown);
    const auto value = is_whole ? NumberOrNames(abi, call, index, *shown) : std::nullopt;
    if (!value) return {};
    values.push_back(evidence::AsTaken(abi, number, index, *value));
  }
  return {std::move(indices), std::move(values)};
}

PerfLine ParsePerfLine(std::string_view text) {
  PerfLine line;
  auto rest = text;
  if (rest.starts_with("LOST ")) {
    line.kind = PerfLine::Kind::kLost;
    line.lost = ParseUnsigned(rest.substr(5, rest.find(' ', 5) - 5)).value_or(0);
    return line;
  }
  if (!TakeTime(rest, line.when_ms) || !TakeDuration(rest)) return line;
  const size_t behind_stamp = rest.size();
  TakeThread(rest, line.thread);
  line.certain = text.find("): ") != npos || rest.size() < behind_stamp;
  constexpr std::string_view kContinued = "... [continued]: ";
  rest = TrimLeft(rest);
  const bool continued = rest.starts_with(kContinued);
  if (continued) rest.remove_prefix(kContinued.size());
  const size_t length = NameLength(rest);
  if (length == 0) return line;
  line.name = rest.substr(0, length);
  rest.remove_prefix(length);
  if (!rest.starts_with('(')) {  // "sched:sched_switch(...)", "minfault [...] => ..."
    const bool is_event = rest.starts_with(':') || line.name.ends_with("fault");
    line.kind = is_event ? PerfLine::Kind::kOtherEvent : PerfLine::Kind::kUnknown;
    return line;
  }
  line.kind = continued ? PerfLine::Kind::kReturned : PerfLine::Kind::kCall;
  if (!TakeResult(rest, line)) line.kind = PerfLine::Kind::kUnknown;
  return line;
}

// "   syscall            calls  errors  total       min       avg       max       stddev"
bool IsTableHeader(std::string_view line) {
  const auto words = Words(line);
  return words.size() >= 4 && words[0] == "syscall" && words[1] == "calls" &&
         std::ranges::find(words, "total") != words.end();
}

class PerfParser final : public Parser {
 public:
  PerfParser(Tally& tally, const Settings& settings) : tally_(tally), settings_(settings), open_(tally) {}

  void BeginFile(std::string_view) override { in_table_ = false; }
  Understood Line(std::string_view line) override;
  void EndFile() override { open_.End(); }
  void End() override;

 private:
  Understood TakeCall(const PerfLine& line);
  Understood TakeOther(std::string_view line);
  bool TakeRow(std::string_view line);
  std::optional<uint32_t> NumberOf(std::string_view name);
  Tally::Calls& Calls() { return tally_.Of({"-", "?", evidence::Arrival::kWorkload}); }

  Tally& tally_;
  const Settings settings_;
  OpenCalls open_;
  bool in_table_ = false;
  bool any_call_ = false;
  bool started_ = false;  // the first that was seen is the end of an exec
};

std::optional<uint32_t> PerfParser::NumberOf(std::string_view name) {
  const auto number = SyscallNumber(settings_.native, name);
  if (!number) {
    tally_.Warn(
        fmt::format("'{}' is no call of {}: not imported", Printable(name), AbiName(settings_.native)));
  }
  return number;
}

Understood PerfParser::TakeCall(const PerfLine& line) {
  const auto number = NumberOf(line.name);
  if (!number) return Understood::kNo;
  if (!any_call_) started_ = line.name == "execve";
  any_call_ = true;
  Sighting call{&Calls(), {settings_.native, *number}, line.when_ms};
  call.key.under_filter = settings_.enforced != nullptr;
  if (line.kind != PerfLine::Kind::kReturned && evidence::KeepsArguments(settings_.native, *number))
    call.arguments = ArgumentsOf(line.arguments, settings_.native, line.name, *number);
  if (line.kind == PerfLine::Kind::kEntered) {
    open_.Enter(line.thread, call);
    return Understood::kYes;
  }
  call.key.fate = FateOfResult(settings_, settings_.native, *number, line.error);
  open_.Return(line.thread, call);
  return Understood::kYes;
}

// "   openat                34     13     0.526 ..."
bool PerfParser::TakeRow(std::string_view line) {
  const auto words = Words(line);
  if (words.size() < 4) return false;
  const auto number = SyscallNumber(settings_.native, words[0]);
  const auto count = ParseUnsigned(words[1]);
  if (!number || !count || *count == 0) return false;
  any_call_ = true;
  started_ = started_ || words[0] == "execve";
  evidence::CallKey key{settings_.native, *number};
  key.under_filter = settings_.enforced != nullptr;
  tally_.See(Calls(), key, kUndated, *count);
  return true;
}

// "                                       __brk (inlined)" of --call-graph: a name and its file.
bool IsFrame(std::string_view line) {
  constexpr size_t kIndent = 30;
  const size_t text = line.find_first_not_of(' ');
  return text != npos && text >= kIndent && line.ends_with(')') && line.find(" = ") == npos;
}

// "\t\t\t\tENOENT: 1" of --errno-summary.
bool IsErrorCount(std::string_view line) {
  const size_t colon = line.rfind(": ");
  return line.starts_with("\t\t") && colon != npos && ParseUnsigned(line.substr(colon + 2));
}

// The table's frame: " Summary of events:", " ls (17695), 290 events, 97.3%", "(msec)  (msec)", rules.
Understood PerfParser::TakeOther(std::string_view line) {
  if (IsTableHeader(line)) {
    in_table_ = true;
    return Understood::kYes;
  }
  const auto text = Trim(line);
  const bool rule = text.find_first_not_of("- ") == npos;
  const bool frame = text == "Summary of events:" || text.starts_with("(msec)") || rule ||
                     (text.ends_with('%') && text.find(" events, ") != npos) || text.ends_with(" events");
  if (frame || IsFrame(line) || (in_table_ && IsErrorCount(line))) return Understood::kYes;
  return in_table_ && TakeRow(line) ? Understood::kYes : Understood::kNo;
}

Understood PerfParser::Line(std::string_view text) {
  const PerfLine line = ParsePerfLine(text);
  switch (line.kind) {
    case PerfLine::Kind::kLost:
      tally_.Lose("ring-overrun", "the kernel's ring had no place for events", line.lost);
      return Understood::kYes;
    case PerfLine::Kind::kOtherEvent:
      return Understood::kYes;
    case PerfLine::Kind::kUnknown:
      return TakeOther(text);
    default:
      return TakeCall(line);
  }
}

void PerfParser::End() {
  open_.End();
  if (started_) tally_.Exercised("start");
  if (any_call_ && !started_) {
    tally_.Lose("late-attach",
                "possible: the trace does not begin with an execve: start-up calls were not seen");
  }
  if (!any_call_) return;
  tally_.Lose("mixed-abi", fmt::format("possible: perf names calls of 32-bit processes as if they were {}'s",
                                       AbiName(settings_.native)));
}

}  // namespace

bool LooksLikePerf(std::string_view text) {
  const PerfLine line = ParsePerfLine(text);
  const auto kind = line.kind;
  const bool is_call =
      kind == PerfLine::Kind::kCall || kind == PerfLine::Kind::kEntered || kind == PerfLine::Kind::kReturned;
  return is_call || IsTableHeader(text);
}

std::unique_ptr<Parser> MakePerf(Tally& tally, const Settings& settings) {
  return std::make_unique<PerfParser>(tally, settings);
}

}  // namespace whittle::import
