// A line is: prefixes (process, time, and what -i, -n add), then a call, or one of strace's own words. Each
// part is taken from the front; nothing is searched for in the middle, where a program's own text may stand.
#include "import/strace_line.h"
#include "base/scan.h"
#include "base/text.h"

#include <algorithm>
#include <array>

namespace whittle::import {
namespace {

using Kind = StraceLine::Kind;
constexpr size_t npos = std::string_view::npos;

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool IsHexDigit(char c) { return HexDigit(c) >= 0; }
bool IsBlank(char c) { return c == ' ' || c == '\t'; }
// Of names of signals, errors and flags.
bool IsSymbol(char c) { return IsUpper(c) || IsDigit(c) || c == '_'; }

// What is left of a line. A pointer moves along it: a mark to come back to is as small as that.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : here_(rest.data()), end_(here_ + rest.size()) {}

  std::string_view rest() const { return {here_, end_}; }
  bool empty() const { return here_ == end_; }
  char front() const { return empty() ? '\0' : *here_; }
  const char* mark() const { return here_; }
  void BackTo(const char* mark) { here_ = mark; }
  void Skip(size_t count) { here_ += std::min(count, static_cast<size_t>(end_ - here_)); }
  void SkipBlanks() { While<IsBlank>(); }
  bool Take(std::string_view text) {
    if (!rest().starts_with(text)) return false;
    here_ += text.size();
    return true;
  }
  bool Take(char c) {
    if (empty() || *here_ != c) return false;
    ++here_;
    return true;
  }
  // Digits that fit; nothing is taken if there are none.
  std::optional<uint64_t> Digits() {
    constexpr ptrdiff_t kMost = 18;
    const char* const before = here_;
    uint64_t value = 0;
    LeadingDigits next;
    do {
      next = ReadDigits(rest());
      value = value * kPowersOfTen[next.count] + next.value;
      here_ += next.count;
    } while (next.count == kDigitsAtOnce);
    if (here_ != before && here_ - before <= kMost) return value;
    here_ = before;
    return std::nullopt;
  }
  // Letters, digits and '_'.
  std::string_view Name() {
    const auto is_none = [](const auto& what) {
      return !((what >= 'a' && what <= 'z') || (what >= '0' && what <= '9') || what == '_' ||
               (what >= 'A' && what <= 'Z'));
    };
    const std::string_view name = rest().substr(0, FirstThat(rest(), 0, is_none));
    here_ += name.size();
    return name;
  }
  // What is `kWanted` of its characters.
  template <auto kWanted>
  std::string_view While() {
    const char* at = here_;
    while (at != end_ && kWanted(*at)) ++at;
    const std::string_view word(here_, at);
    here_ = at;
    return word;
  }

 private:
  const char* here_;
  const char* end_;
};

// Behind a process' number, its name (--decode-pids).
void SkipNameOfProcess(Cursor& at) {
  if (at.front() != '<') return;
  const size_t close = at.rest().find('>');
  if (close != npos) at.Skip(close + 1);
}

std::optional<uint32_t> Pid(Cursor& at) {
  const auto number = at.Digits();
  if (!number || *number > UINT32_MAX) return std::nullopt;
  SkipNameOfProcess(at);
  return static_cast<uint32_t>(*number);
}

// ".123456" as microseconds.
int64_t Fraction(Cursor& at) {
  if (!at.Take('.')) return 0;
  constexpr size_t kPlaces = 6;
  const auto [count, value] = ReadDigits(at.rest());
  at.Skip(count);
  if (count == kDigitsAtOnce) at.While<IsDigit>();
  return static_cast<int64_t>(count <= kPlaces ? value * kPowersOfTen[kPlaces - count]
                                               : value / kPowersOfTen[count - kPlaces]);
}

// A moment of the day, "11:11:13" or "11:11:13.604771", of which the hour has been read.
bool TakeDay(Cursor& at, uint64_t hour, StraceLine& line) {
  if (!at.Take(':')) return false;
  const auto minute = at.Digits();
  if (!minute || !at.Take(':')) return false;
  const auto second = at.Digits();
  if (!second || hour > 24 || *minute > 60 || *second > 60) return false;
  line.clock = StraceLine::Clock::kDay;
  line.time_us = static_cast<int64_t>((hour * 60 + *minute) * 60 + *second) * 1'000'000 + Fraction(at);
  return true;
}

// A number at the front is a process, a wall clock, a moment of the day, or the time since the last line.
bool TakeNumber(Cursor& at, StraceLine& line) {
  const auto number = at.Digits();
  if (!number) return false;
  if (at.front() == '.' || at.front() == ':') {
    if (line.clock != StraceLine::Clock::kNone) return false;
    if (at.front() == '.') {
      constexpr uint64_t kYear2001 = 1'000'000'000;
      line.clock = *number >= kYear2001 ? StraceLine::Clock::kWall : StraceLine::Clock::kSinceLast;
      if (*number > UINT32_MAX) return false;
      line.time_us = static_cast<int64_t>(*number) * 1'000'000 + Fraction(at);
    } else if (!TakeDay(at, *number, line)) {
      return false;
    }
  } else {
    if (*number > UINT32_MAX) return false;
    SkipNameOfProcess(at);
    // `-t=unix` without a fraction: seconds where a process stands already, or a number beyond any process'.
    constexpr uint32_t kMaxPid = 1 << 22;
    const bool seconds = line.clock == StraceLine::Clock::kNone && (line.pid || *number > kMaxPid);
    if (seconds) {
      line.clock = StraceLine::Clock::kWall;
      line.time_us = static_cast<int64_t>(*number) * 1'000'000;
    } else if (line.pid) {
      return false;
    } else {
      line.pid = static_cast<uint32_t>(*number);
    }
  }
  if (!IsBlank(at.front())) return false;
  at.SkipBlanks();
  return true;
}

// What -n prints has few digits, or ten where it is one of x32; the addresses of -i have eight, or sixteen
// with zeros in front.
std::optional<uint32_t> CallNumber(std::string_view word) {
  constexpr size_t kMostDigits = 7, kDigitsOfX32 = 10;
  const bool zeros = word.size() > 1 && word.starts_with('0');
  if (zeros || (word.size() > kMostDigits && word.size() != kDigitsOfX32)) return std::nullopt;
  Cursor at(word);
  const auto number = at.Digits();
  return number && at.empty() && *number <= UINT32_MAX ? std::optional(static_cast<uint32_t>(*number))
                                                       : std::nullopt;
}

// "[pid  75] ", "[  56] " of -n, "[00007f44...] " of -i, "[unconfined_t] " of --secontext. "[ Process ..." is
// not one of them.
bool TakeBracket(Cursor& at, StraceLine& line) {
  if (!at.Take('[')) return false;
  if (at.Take("pid ")) {
    at.SkipBlanks();
    const auto pid = Pid(at);
    if (!pid || !at.Take(']')) return false;
    line.pid = pid;
  } else {
    at.SkipBlanks();
    const auto word = at.While<[](char c) { return c != ' ' && c != ']' && c != '"'; }>();
    if (word.empty() || !at.Take(']')) return false;
    if (!line.number) line.number = CallNumber(word);
  }
  at.SkipBlanks();
  return true;
}

// "(+     0.000395) ": the time since the last line where another clock stands before it (-r with -t).
bool TakeElapsed(Cursor& at) {
  if (!at.Take("(+")) return false;
  at.SkipBlanks();
  if (!at.Digits()) return false;
  Fraction(at);
  return at.Take(") ");
}

// What fails leaves the cursor anywhere.
void TakePrefixes(Cursor& at, StraceLine& line) {
  at.Take("^C");  // the terminal's, where the tracer was interrupted
  at.SkipBlanks();
  for (int i = 0; i < 5; ++i) {
    const char c = at.front();
    if (IsNameStart(c)) return;
    const char* const before = at.mark();
    const bool taken = c == '[' ? TakeBracket(at, line) : c == '(' ? TakeElapsed(at) : TakeNumber(at, line);
    if (!taken) return at.BackTo(before);
  }
}

// Behind the opening quote; past the closing one. False if there is none.
bool SkipString(Cursor& at) {
  const auto text = at.rest();
  size_t i = FirstOf<'"', '\\'>(text);
  while (i < text.size() && text[i] == '\\') i = FirstOf<'"', '\\'>(text, i + 2);
  at.Skip(i + 1);
  return i < text.size();
}

constexpr std::string_view kDeleted = "(deleted)";  // stands behind the name of a file that is gone

// At the '<' of a descriptor's name, "3</etc/passwd>" or "4<TCP:[1.2.3.4:5->6.7.8.9:10]>": past its end.
// False if the name has no end: then no name that begins further on has one.
bool SkipDescriptor(Cursor& at) {
  const auto text = at.rest();
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '>' || text[i - 1] == '-') continue;
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    const bool is_deleted = text.substr(i + 1).starts_with(kDeleted);
    const bool ends = next == ',' || next == ')' || next == ']' || next == '}' || next == ' ' ||
                      next == '=' || next == '<' || is_deleted;
    if (!ends) continue;
    at.Skip(i + 1 + (is_deleted ? kDeleted.size() : 0));
    return true;
  }
  at.Skip(1);
  return false;
}

// The length of "strace: ", or of "/usr/bin/strace: " if it was called by that path; 0 if it is none.
size_t OwnNameLength(std::string_view rest) {
  const size_t end = rest.find_first_of(" (\"");
  const auto word = rest.substr(0, end);
  const bool is_own = word.substr(word.rfind('/') + 1) == "strace:";
  return is_own && end != npos && rest[end] == ' ' ? end + 1 : 0;
}

// "Process 75 attached", as strace before 4.9 said it: without "strace: " in front.
bool IsOldMessage(std::string_view rest) {
  Cursor at(rest);
  if (!at.Take("Process ") || !at.Digits()) return false;
  for (const std::string_view said : {" attached", " detached", " resumed", " suspended"}) {
    if (at.rest().starts_with(said)) return true;
  }
  return false;
}

enum class End { kClosed, kUnfinished, kDetached, kMoved, kMessage, kNothing };

// "<unfinished ... exit status 3>", with which strace before 4.7 told of an end.
bool IsOldExit(std::string_view rest) {
  return rest.starts_with("<unfinished ... exit status ") && rest.ends_with('>');
}

// At a '<': past a shift, or the name of the descriptor before it. `may_end`: such a name may have an end; to
// look for one that is not there costs the rest of the line.
void SkipAngle(Cursor& at, char before, bool& may_end) {
  if (at.rest().starts_with("<<")) {
    at.Skip(2);
  } else if (may_end && (IsDigit(before) || IsUpper(before))) {
    may_end = SkipDescriptor(at);
  } else {
    at.Skip(1);
  }
}

// At a '<': the end of a cut call, or past it. Nothing if the call goes on.
std::optional<End> TakeAngle(Cursor& at, char before, bool& may_end) {
  if (at.rest() == "<unfinished ...>" || IsOldExit(at.rest())) return End::kUnfinished;
  if (at.rest() == "<detached ...>") return End::kDetached;
  if (at.rest().starts_with("<pid changed to ") && at.rest().ends_with(" ...>")) return End::kMoved;
  SkipAngle(at, before, may_end);
  return std::nullopt;
}

// Past a character, or the string or the comment that begins with it. False if that has no end.
bool SkipOne(Cursor& at) {
  const char c = at.front();
  at.Skip(1);
  if (c == '"') return SkipString(at);
  if (c != '/' || at.front() != '*') return true;
  const size_t close = at.rest().find("*/");
  at.Skip(close == npos ? at.rest().size() : close + 2);
  return close != npos;
}

// At the 'P' of a message of strace's own: back to where it begins, not before `first`.
bool StepToMessage(Cursor& at, const char* first) {
  for (const std::string_view before : {"strace: ", "strace: [ "}) {  // the second: of a mode
    if (!std::string_view(first, at.mark()).ends_with(before) || !at.rest().starts_with("Process ")) continue;
    at.BackTo(at.mark() - before.size());
    return true;
  }
  return IsOldMessage(at.rest());
}

// Past the bracket that closes the arguments, or to what stands in its place.
End SkipArguments(Cursor& at) {
  const char* const first = at.mark();
  int depth = 1;
  char before = '(';
  bool may_end = true;
  for (;;) {
    const auto rest = at.rest();
    const size_t plain = FirstOf<'"', '(', ')', '<', '/', 'P'>(rest);
    if (plain > 0) before = rest[plain - 1];
    at.Skip(plain);
    if (at.empty()) return End::kNothing;
    const char c = at.front();
    if (c == 'P' && StepToMessage(at, first)) return End::kMessage;
    if (c == '<') {
      if (const auto end = TakeAngle(at, before, may_end)) return *end;
      before = '<';
      continue;
    }
    before = c;
    if (!SkipOne(at)) return End::kNothing;
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) return End::kClosed;
  }
}

// To the comma that ends an argument, or to the end: then false.
bool SkipArgument(Cursor& at) {
  int depth = 0;
  char before = ' ';
  bool may_end = true;
  while (!at.empty()) {
    const char c = at.front();
    if (c == ',' && depth == 0) return true;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (c == '<') {
      SkipAngle(at, before, may_end);
    } else {
      SkipOne(at);
    }
    before = c;
  }
  return false;
}

// "(Operation not permitted)", "(flags O_RDWR)", "<0.000011>", "(INJECTED)", the context of a descriptor's
// file "[system_u:object_r:etc_t:s0]", "/* 71 in strace's PID NS */"; nothing else may follow a result.
// "(0x3)" is what gVisor prints.
bool TakeRemarks(Cursor& at, StraceLine& line) {
  for (;;) {
    at.SkipBlanks();
    const char c = at.front();
    if (c == '<' || c == '[') {
      const size_t close = at.rest().find(c == '<' ? '>' : ']');
      if (close == npos) return false;
      at.Skip(close + 1);
    } else if (c == '(') {
      if (at.rest().starts_with("(0x")) return false;
      if (at.rest().starts_with("(INJECTED")) line.injected = true;
      at.Skip(1);
      if (SkipArguments(at) != End::kClosed) return false;
    } else if (at.Take("/*")) {
      const size_t close = at.rest().find("*/");
      if (close == npos) return false;
      at.Skip(close + 2);
    } else {
      return at.empty();
    }
  }
}

int64_t HexValue(Cursor& at) {
  uint64_t value = 0;
  for (const char c : at.While<IsHexDigit>()) value = value << 4 | static_cast<uint64_t>(HexDigit(c));
  return static_cast<int64_t>(value);
}

// Behind the closing bracket: "   = -1 EPERM (Operation not permitted) <0.000011>".
bool TakeResult(Cursor& at, StraceLine& line) {
  at.SkipBlanks();
  if (!at.Take('=')) return false;
  at.SkipBlanks();
  if (at.Take('?')) {
    line.result = StraceLine::Result::kUnknown;
  } else {
    const bool negative = at.Take('-');
    if (at.Take("0x")) {
      line.value = HexValue(at);
    } else {
      if (!IsDigit(at.front())) return false;
      const auto digits = at.Digits();
      if (!digits) at.While<IsDigit>();  // 18446744073709551615 of a call that returns a word
      const auto value = static_cast<int64_t>(digits.value_or(INT64_MAX));
      line.value = negative ? -value : value;
    }
    line.result = StraceLine::Result::kValue;
    if (at.front() == '<') SkipDescriptor(at);
  }
  if (!at.empty() && at.front() != ' ') return false;
  at.SkipBlanks();
  const bool by_number = line.value == -1 && at.Take("(errno ");  // one without a name, or of a raw call
  if (by_number || IsUpper(at.front())) {
    const auto word = at.While<IsSymbol>();
    if (by_number && (word.empty() || !at.Take(')'))) return false;
    if (line.result == StraceLine::Result::kUnknown) line.word = word;
    if (line.result == StraceLine::Result::kValue && line.value == -1) {
      line.result = StraceLine::Result::kError;
      line.word = word;
    }
  }
  return TakeRemarks(at, line);
}

// "strace: Process 75 attached"; others are messages.
void TakeProcessMessage(Cursor at, StraceLine& line) {
  line.kind = Kind::kMessage;
  at.Skip(OwnNameLength(at.rest()));
  if (!at.Take("Process ")) return;
  const auto pid = Pid(at);
  if (!pid) return;
  if (at.rest().starts_with(" attached")) line.kind = Kind::kAttached;
  if (at.rest().starts_with(" attached with ")) line.word = "threads";
  if (at.rest().starts_with(" detached")) line.kind = Kind::kDetached;
  if (line.kind != Kind::kMessage) line.pid = pid;
}

// The end of a call of either kind, from inside its brackets.
void TakeEnd(Cursor& at, StraceLine& line, Kind whole) {
  const auto arguments = at.rest();
  const End end = SkipArguments(at);
  line.arguments = arguments.substr(0, arguments.size() - at.rest().size());
  switch (end) {
    case End::kClosed:
      line.arguments.remove_suffix(1);
      line.kind = TakeResult(at, line) ? whole : at.empty() ? Kind::kTorn : Kind::kUnknown;
      return;
    case End::kUnfinished:
      line.kind = Kind::kUnfinished;
      return;
    case End::kDetached:
      line.kind = Kind::kUnfinished;
      line.detached = true;
      return;
    case End::kMoved:
      at.Take("<pid changed to ");
      line.kind = Kind::kMoved;
      line.other = Pid(at);
      return;
    case End::kMessage: {
      StraceLine inner;
      TakeProcessMessage(at, inner);
      line.kind = Kind::kUnfinished;
      line.detached = inner.kind == Kind::kDetached;
      line.other = inner.pid;
      return;
    }
    case End::kNothing:
      line.kind = Kind::kTorn;
      return;
  }
}

void TakeCall(Cursor& at, StraceLine& line) {
  if (at.front() == '?') {
    at.While<[](char c) { return c == '?'; }>();
    line.kind = at.front() == '(' ? Kind::kNoName : Kind::kUnknown;
    return;
  }
  line.name = at.Name();
  if (!at.Take('(')) return;
  TakeEnd(at, line, Kind::kCall);
}

// "<... futex resumed>) = 0", "<... wait4 resumed>[{...}], 0, NULL) = 76", "<... exit_group resumed>) = ?".
void TakeResumed(Cursor& at, StraceLine& line) {
  if (at.Take("???") || at.Take("????")) {
    line.kind = Kind::kNoName;
    return;
  }
  line.name = at.Name();
  if (line.name.empty() || !at.Take(" resumed")) return;
  if (!at.Take('>')) at.Take(" ...>");
  TakeEnd(at, line, Kind::kResumed);
  line.cut = line.kind == Kind::kUnfinished || line.kind == Kind::kTorn;
  if (line.cut) line.kind = Kind::kResumed;
}

// "+++ exited with 3 +++", "+++ superseded by execve in pid 12 +++", "+++ killed by SIGSYS (core dumped)
// +++".
void TakeDeath(Cursor& at, StraceLine& line) {
  if (at.Take("exited with ")) {
    line.kind = Kind::kExited;
  } else if (at.Take("killed by ")) {
    line.kind = Kind::kKilled;
    line.word = at.While<IsSymbol>();
  } else if (at.Take("superseded by execve in pid ")) {
    line.other = Pid(at);
    line.kind = line.other ? Kind::kSuperseded : Kind::kMessage;
  } else {
    line.kind = Kind::kMessage;
  }
}

void TakeSignal(Cursor& at, StraceLine& line) {
  line.kind = Kind::kMessage;  // "--- stopped by SIGSTOP ---"
  if (!IsUpper(at.front())) return;
  line.kind = Kind::kSignal;
  line.word = at.While<IsSymbol>();
  line.arguments = at.rest();
}

// "[ Process PID=900 runs in 32 bit mode. ]", behind "strace: " in versions before 5.6.
bool TakeMode(Cursor at, StraceLine& line) {
  at.Skip(OwnNameLength(at.rest()));
  if (!at.Take("[ Process PID=")) return false;
  const auto pid = Pid(at);
  if (!pid || !at.Take(" runs in ")) return false;
  const size_t end = at.rest().find(" mode.");
  if (end == npos) return false;
  line.kind = Kind::kMode;
  line.pid = pid;
  line.word = at.rest().substr(0, end);
  return true;
}

// " | 00010  03 00 3e 00 ..." and " * 23 bytes in buffer 0", what -e read= and -e write= show of buffers.
bool IsDump(std::string_view rest) {
  const bool is_bytes =
      rest.size() > 8 && rest.starts_with("| ") &&
      std::ranges::all_of(rest.substr(2, 5), [](char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); });
  return is_bytes || (rest.starts_with("* ") && rest.find(" bytes in buffer ") != npos);
}

bool IsOwnWord(std::string_view rest) {
  static constexpr std::array<std::string_view, 4> kStarts = {"> /", "> [", "> <", "<unfinished ...>"};
  for (const auto start : kStarts) {
    if (rest.starts_with(start)) return true;
  }
  return (rest.starts_with("> ") && rest.ends_with("]")) || IsDump(rest);
}

// Where the name of a descriptor's file ends nobody can tell if it may end further on, too: strace
// before 4.21 did not escape the '>' of names.
bool MayEndFurtherOn(std::string_view rest) {
  for (size_t i = rest.find('>'); i != npos; i = rest.find('>', i + 1)) {
    const char before = i == 0 ? ' ' : rest[i - 1];
    const char next = i + 1 < rest.size() ? rest[i + 1] : ' ';
    if (before != '-' && (next == ',' || next == ' ' || next == '(')) return true;
  }
  return false;
}

}  // namespace

size_t SplitArguments(const StraceLine& line, std::span<std::string_view> arguments) {
  const bool is_closed =
      line.kind == Kind::kCall || (line.kind == Kind::kUnfinished && line.arguments.ends_with(' '));
  Cursor at(line.arguments);
  size_t count = 0;
  while (count < arguments.size() && !at.empty()) {
    const auto rest = at.rest();
    const bool ends_whole = SkipArgument(at);
    if (!ends_whole && !is_closed) return count;
    auto argument = rest.substr(0, rest.size() - at.rest().size());
    const bool names_a_file = !argument.starts_with('"') && argument.find('>') != npos;
    if (names_a_file && MayEndFurtherOn(at.rest())) return count;
    if (ends_whole) at.Skip(1);
    arguments[count++] = Trim(argument);
  }
  return count;
}

StraceLine ParseStraceLine(std::string_view text) {
  StraceLine line;
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  Cursor at(text);
  TakePrefixes(at, line);
  const auto rest = at.rest();
  if (IsNameStart(at.front()) || at.front() == '?') {
    TakeCall(at, line);
    if (line.kind != Kind::kUnknown) return line;
  }
  if (at.Take("<... ")) TakeResumed(at, line);
  if (at.Take("+++ ")) TakeDeath(at, line);
  if (at.Take("--- ")) TakeSignal(at, line);
  if (line.kind != Kind::kUnknown) return line;
  at.BackTo(rest.data());
  if (rest.starts_with("<detached ...>")) {
    line.kind = Kind::kDetached;
  } else if (TakeMode(at, line)) {
    return line;
  } else if (OwnNameLength(rest) > 0 || IsOldMessage(rest)) {
    TakeProcessMessage(at, line);
  } else if (IsOwnWord(rest)) {
    line.kind = Kind::kMessage;
  }
  return line;
}

}  // namespace whittle::import
