// strace: a tracer of every call and its result. It stops its processes twice a call, which changes their
// timing and sometimes what they do: the recording is labelled (evidence/source.h). A call counts when it is
// entered; what became of it says its result, and for a refused call the signal or the death that follows.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "import/audit_record.h"
#include "import/fate.h"
#include "import/format.h"
#include "import/strace_bystanders.h"
#include "import/strace_calls.h"
#include "import/strace_clock.h"
#include "import/strace_doubts.h"
#include "import/strace_line.h"
#include "import/strace_processes.h"
#include "import/strace_refusals.h"
#include "import/strace_table.h"
#include "import/strace_words.h"
#include "syscalls/table.h"

namespace whittle::import {
namespace {

using evidence::Fate;
using Kind = StraceLine::Kind;

constexpr size_t kMaxProcesses = 8192;
constexpr std::string_view kRefusalSignal = "SIGSYS";

class StraceParser final : public Parser {
 public:
  StraceParser(Tally& tally, const Settings& settings)
      : tally_(tally),
        settings_(settings),
        processes_(settings.native),
        table_(settings_),
        bystanders_([this](const TracedCall& call) { TakeUnclear(call); }),
        calls_(settings.native),
        refusals_(calls_, settings.native) {}

  void BeginFile(std::string_view name) override;
  Understood Line(std::string_view text) override;
  void EndFile() override;
  void End() override;

 private:
  Understood TakeCall(const StraceLine& line, Process& process);
  Understood TakeMoved(const StraceLine& line, Process& process);
  Understood TakeResumed(const StraceLine& line, Process& process);
  void KeepCut(std::string_view text, const StraceLine& line);
  bool TakeRest(std::string_view text);
  void SettleCut();
  void TakeDetached(std::optional<uint32_t> pid);
  void TakeDeath(const StraceLine& line, Process& process);
  void TakeRefusal(Process& process);
  void Refuse(TracedCall& call, Fate fate);
  void TakeUnseenCall(Process& process, const Resolved& refused);
  void TakeUnclear(const TracedCall& call);
  void TakeSignal(const StraceLine& line, Process& process);
  Understood TakeMode(const StraceLine& line);
  void TakeModeBehind(std::string_view text);
  bool Enter(const StraceLine& line, Process& process);
  void Return(const StraceLine& line, Process& process);
  Fate FateOf(const StraceLine& line, const TracedCall& call);
  void NotOfFf();
  void FirstCall(bool is_exec);
  void Leave(Process& process, Fate fate);
  void Flush(Process& process);
  void LetGo();
  void See(Process& process, TracedCall&& call);
  void Count(const TracedCall& call, uint64_t times = 1);
  void TakeTable();
  void Start(Process& process);
  void Decide(Process& process, Abi abi);
  void Settle(Process& process);
  Tally::Calls& CallsOf(const std::string& executable) {
    return tally_.Of({"-", executable, evidence::Arrival::kWorkload});
  }
  Tally::Calls& CallsOf(Process& process) {
    if (process.calls == nullptr) process.calls = &CallsOf(process.executable);
    return *process.calls;
  }

  Tally& tally_;
  const Settings settings_;
  Processes processes_;
  StraceTable table_;
  Bystanders bystanders_;
  StraceClock clock_;
  StraceCalls calls_;
  StraceRefusals refusals_;
  StraceDoubts doubts_;
  StraceSeen seen_;
  std::optional<uint32_t> file_pid_;  // of `strace -ff -o NAME`: NAME.PID
  std::set<uint32_t> files_;          // those that began
  // A call that a message or the program's own output cut: its rest may follow on a line of its own.
  std::string cut_;
  std::optional<uint32_t> cut_pid_;
  bool cut_is_torn_ = false;  // nothing in the line says that a rest follows
  bool first_call_ = true;    // none of this file has come
};

// `strace -ff -o NAME` writes a file for each process, NAME.PID, without pids inside.
void StraceParser::BeginFile(std::string_view name) {
  const size_t dot = name.rfind('.');
  const auto pid = dot == std::string_view::npos ? std::nullopt : ParseUnsigned(name.substr(dot + 1));
  file_pid_ =
      pid && *pid > 0 && *pid <= INT32_MAX ? std::optional(static_cast<uint32_t>(*pid)) : std::nullopt;
  first_call_ = true;
  SettleCut();
  if (!file_pid_) return;
  files_.insert(*file_pid_);
  processes_.Seen(*file_pid_);
}

// Its lines have processes in front: the number in its name is none.
void StraceParser::NotOfFf() {
  files_.erase(*file_pid_);
  file_pid_.reset();
}

void StraceParser::FirstCall(bool is_exec) {
  seen_.call = true;
  if (!first_call_) return;
  first_call_ = false;
  seen_.started = seen_.started || is_exec;
}

// Into `held`, where nothing is. False if it is no call that is known.
bool StraceParser::Enter(const StraceLine& line, Process& process) {
  const Resolved& resolved = calls_.Of(line.name, process.abi, line.number);
  if (!resolved.known) {
    tally_.Warn(
        fmt::format("'{}' is no call of a Linux ABI of this machine: not imported", Printable(line.name)));
    return false;
  }
  seen_.attached = seen_.attached || (first_call_ && line.arguments.starts_with("<... resuming interrupted"));
  FirstCall(resolved.is_exec);
  seen_.exit_call = seen_.exit_call || resolved.is_exit;
  TracedCall& call = process.held.emplace();
  call.key = {resolved.abi, resolved.number, Fate::kAllowed, settings_.enforced != nullptr};
  call.is_fork = resolved.is_fork;
  if (resolved.is_fork) {
    call.key.clone_flags = FlagsOf(line.name, line.arguments, line.kind == Kind::kCall);
    call.is_thread = MakesThread(line.arguments);
  }
  call.arguments = calls_.ArgumentsOf(line, resolved);
  call.when_ms = clock_.Ms(line);
  call.name = resolved.name;
  call.perhaps = resolved.perhaps;
  call.foreign = resolved.foreign;
  if (resolved.is_exec) call.executable = FirstString(line.arguments);
  if (resolved.is_fork) processes_.WillFork(process);
  if (resolved.names_pids && MayRenumber(line.name, line.arguments)) processes_.Renumbered();
  // The first exec is the start of the program that it starts: nothing else is known of its process.
  const bool starts = !call.executable.empty() && process.executable == "?";
  call.calls = starts ? &CallsOf(call.executable) : &CallsOf(process);
  return true;
}

// What strace answered itself is neither the kernel's answer nor a filter's.
Fate StraceParser::FateOf(const StraceLine& line, const TracedCall& call) {
  const auto [abi, number] = std::pair(call.key.abi, call.key.number);
  const bool failed =
      line.result == StraceLine::Result::kError && !line.injected && !IsReturnFromHandler(line.name);
  return FateOfResult(settings_, abi, number, failed ? line.word : "");
}

// The call that is held.
void StraceParser::Return(const StraceLine& line, Process& process) {
  TracedCall& call = *process.held;
  call.key.fate = FateOf(line, call);
  if (line.injected) ++doubts_.injected;
  const bool succeeded = line.result == StraceLine::Result::kValue && line.value >= 0;
  const bool failed = line.result == StraceLine::Result::kError;
  const bool returned = line.result == StraceLine::Result::kValue || failed;
  // The call that a filter refuses "returns" its number, which is -1 where a tracer skips calls.
  const bool is_minus_one = call.key.number == UINT32_MAX && failed;
  if (line.result == StraceLine::Result::kValue || is_minus_one) call.value = line.value;
  call.answered = returned && !line.injected && !(failed && IsReturnFromHandler(line.name));
  call.no_result = line.result == StraceLine::Result::kUnknown && line.word.empty();
  if (line.kind == Kind::kCall && returned && !file_pid_) bystanders_.GoesOn(process.group);
  if (succeeded && line.value == 0 && !call.executable.empty()) {
    process.Become(call.executable);
    process.executed = true;
    Flush(process);
    return Start(process);
  }
  if (call.is_fork && call.no_result) processes_.MayHaveForked();
  const bool is_parent = succeeded && call.is_fork && line.value > 0 && line.value <= INT32_MAX;
  const bool is_over = is_parent && files_.contains(static_cast<uint32_t>(line.value));
  if (is_parent && is_over) return processes_.WasMade(static_cast<uint32_t>(line.value));
  if (!is_parent) return;
  processes_.Forked(process, static_cast<uint32_t>(line.value), call.is_thread);
  if (!call.is_thread) bystanders_.Begins(static_cast<uint32_t>(line.value));
}

// A name behind which socketcall or ipc may be hidden stands for both.
void StraceParser::Count(const TracedCall& call, uint64_t times) {
  tally_.See(*call.calls, call.key, call.when_ms, times, call.arguments);
  const bool by_kernel = call.answered && call.key.fate == Fate::kAllowed;
  if (by_kernel && settings_.enforced &&
      settings_.enforced(call.key.abi, call.key.number).kind == Enforced::Kind::kRefuses)
    doubts_.unbelieved.emplace(call.name);
  if (call.foreign) doubts_.foreign.emplace(call.name);
  if (!call.perhaps) return;
  auto key = call.key;
  key.number = *call.perhaps;
  tally_.See(*call.calls, key, call.when_ms, times);
  doubts_.hidden.emplace(call.name);
}

// A file (-o) does not say that a program is a 32-bit one; how it sets up its thread does: set_thread_area is
// theirs alone, and all of them begin with it. Its calls wait until then, or until one that they lack.
void StraceParser::See(Process& process, TracedCall&& call) {
  constexpr size_t kMostCalls = 4096;
  if (!process.undecided) return Count(call);
  const bool is_32_bit = call.name == "set_thread_area" && call.value == 0;
  const bool is_native =
      !is_32_bit && !call.foreign && call.key.abi == process.abi && !SyscallNumber(Abi::kI386, call.name);
  process.since_start.push_back(std::move(call));
  if (is_32_bit) return Decide(process, Abi::kI386);
  if (is_native || process.since_start.size() >= kMostCalls) Decide(process, process.abi);
}

// A program has started.
void StraceParser::Start(Process& process) {
  Decide(process, process.abi);
  if (settings_.native != Abi::kX86_64 || processes_.says_mode()) return;
  if (process.deduced) process.abi = settings_.native;
  process.deduced = false;
  process.undecided = process.abi == settings_.native;
}

void StraceParser::Decide(Process& process, Abi abi) {
  if (!process.undecided) return;
  process.undecided = false;
  const bool is_other = abi != process.abi;
  process.abi = abi;
  process.deduced = is_other;
  for (auto& call : std::exchange(process.since_start, {})) {
    const Resolved& resolved = calls_.Of(call.name, abi);
    if (is_other && call.key.abi != abi && resolved.known) SetCall(call, resolved);
    if (is_other) call.foreign = false;
    Count(call);
  }
}

// Nothing more comes of the process.
void StraceParser::Settle(Process& process) {
  Flush(process);
  if (process.open) Leave(process, Fate::kAllowed);
  Decide(process, process.abi);
}

void StraceParser::Flush(Process& process) {
  if (process.held) See(process, std::move(*process.held));
  process.held.reset();
}

// The open call ends without a result.
void StraceParser::Leave(Process& process, Fate fate) {
  process.open->key.fate = fate;
  if (process.open->is_fork) processes_.MayHaveForked();
  if (!process.open->executable.empty()) process.Become("?");
  See(process, std::move(*process.open));
  process.open.reset();
}

Understood StraceParser::TakeCall(const StraceLine& line, Process& process) {
  if (!Enter(line, process)) return Understood::kNo;
  if (process.open) {
    Leave(process, Fate::kAllowed);
    if (process.held->executable.empty()) process.held->calls = &CallsOf(process);
    tally_.Lose("truncated", "calls were entered and their ends are not in the trace: lines are missing", 1);
  }
  if (line.kind == Kind::kCall) {
    Return(line, process);
  } else {
    process.Reopen();
  }
  return Understood::kYes;
}

// What stands before the cut, until the rest of the line comes or is missing.
void StraceParser::KeepCut(std::string_view text, const StraceLine& line) {
  cut_.assign(text.data(), line.arguments.data() + line.arguments.size());
  cut_pid_ = line.pid;
  cut_is_torn_ = line.kind == Kind::kTorn;
}

// "clone(child_stack=NULL, flags=SIGCHLDstrace: Process 71 attached" goes on in the next line with
// ", child_tidptr=0x7f33) = 71"; so does a call in whose middle the program wrote to the same terminal.
bool StraceParser::TakeRest(std::string_view text) {
  constexpr size_t kMaxCut = 1 << 16;
  if (cut_.empty() || cut_.size() + text.size() > kMaxCut) return false;
  const std::string joined = cut_ + std::string(text);
  const StraceLine line = ParseStraceLine(joined);
  Process& process = processes_.Of(cut_pid_);
  auto& entered = process.open ? process.open : process.held;
  const bool ends = line.kind == Kind::kCall || line.kind == Kind::kResumed || line.kind == Kind::kUnfinished;
  if (!ends || line.cut || !entered || entered->name != line.name) {
    cut_ = joined;
    return false;
  }
  TracedCall call = std::move(*entered);
  entered.reset();
  call.key.clone_flags = FlagsOf(line.name, line.arguments, line.kind != Kind::kUnfinished);
  call.is_thread = call.is_thread || MakesThread(line.arguments);
  if (line.kind != Kind::kResumed)
    call.arguments = calls_.ArgumentsOf(line, calls_.Of(line.name, call.key.abi, line.number));
  if (IsExec(line.name) && line.kind != Kind::kResumed) call.executable = FirstString(line.arguments);
  process.held = std::move(call);
  if (line.kind == Kind::kUnfinished) {
    process.Reopen();
  } else {
    Return(line, process);
  }
  cut_.clear();
  cut_is_torn_ = false;
  return true;
}

// The rest did not come.
void StraceParser::SettleCut() {
  cut_.clear();
  if (!cut_is_torn_) return;
  cut_is_torn_ = false;
  Process& process = processes_.Of(cut_pid_);
  if (process.open) Leave(process, Fate::kAllowed);
  tally_.Lose("truncated", "lines of the trace are cut off", 1);
}

// Without a pid: the process whose call was cut by the message.
void StraceParser::TakeDetached(std::optional<uint32_t> pid) {
  pid = pid ? pid : cut_pid_;
  Process& process = processes_.Of(pid);
  const auto& last = process.open ? process.open : process.held;
  if (last && (last->name == "exit_group" || last->name == "exit")) {  // strace before 4.7: an end
    seen_.end = true;
    Settle(process);
    processes_.Forget(pid);
    return;
  }
  tally_.Lose("detached", "the tracer let go of a process that went on");
  Settle(process);
}

// A thread executes a program: the call's end, and what follows, is its process', which with -ff has another
// file.
Understood StraceParser::TakeMoved(const StraceLine& line, Process& process) {
  Flush(process);
  if (!Enter(line, process)) return Understood::kNo;
  if (!file_pid_) {
    process.Reopen();
    return Understood::kYes;
  }
  Settle(process);
  processes_.Forget(line.pid);
  return Understood::kYes;
}

// In old kernels, and where a thread executes a program, the end of such a call carries another process than
// its start.
Understood StraceParser::TakeResumed(const StraceLine& line, Process& process) {
  const bool may_be_others = IsFork(line.name) || IsExec(line.name);
  Process* opener = process.open && process.open->name == line.name ? &process
                    : may_be_others                                 ? processes_.WithOpen(line.name)
                                                                    : nullptr;
  if (opener != nullptr) {
    Flush(*opener);
    opener->held = std::exchange(opener->open, std::nullopt);
    Return(line, *opener);
    return Understood::kYes;
  }
  if (process.superseded &&
      IsExec(line.name)) {  // its beginning, and what it executes, is in the thread's file
    process.superseded = false;
    process.Become("?");
    return Understood::kYes;
  }
  if (!Enter(line, process)) return Understood::kNo;
  if (IsExec(line.name)) process.held->executable = "?";
  tally_.Lose("truncated", "calls ended whose beginnings are not in the trace: lines are missing", 1);
  Return(line, process);
  return Understood::kYes;
}

void StraceParser::TakeDeath(const StraceLine& line, Process& process) {
  seen_.end = true;
  seen_.exited = seen_.exited || line.kind == Kind::kExited;
  if (line.kind == Kind::kKilled && line.word == kRefusalSignal) TakeRefusal(process);
  Settle(process);
}

// The call of a thread that a filter ended, or perhaps did not; no call: it was outside of all that are in
// the trace.
void StraceParser::TakeUnclear(const TracedCall& call) {
  if (call.calls != nullptr) return Count(call);
  if (call.key.fate == Fate::kKilled)
    tally_.Lose("truncated", "a filter ended a process, and the call that it refused is not in the trace", 1);
}

// A death by SIGSYS: of the last call, or of another thread's.
void StraceParser::TakeRefusal(Process& process) {
  auto& last = process.open ? process.open : process.held;
  if (process.was_sent_sigsys) return bystanders_.Explained(process.group);
  if (!last) return bystanders_.Died(process.group, {});
  const bool is_denied = evidence::Refused(last->key.fate);
  // Small numbers are what many calls return: "read(...) = 0", and "= 3" of i386.
  const bool is_certain =
      last->value != 0 && static_cast<uint32_t>(last->value.value_or(0)) == last->key.number;
  if (last->value && !is_denied && !is_certain && bystanders_.IsExplained(process.group)) return;
  if (is_denied || refusals_.ReturnedItself(*last)) {
    if (!is_denied) Refuse(*last, Fate::kKilled);
    return bystanders_.Explained(process.group);
  }
  const bool was_outside = !process.open && !last->no_result && refusals_.ShowsNumbers();
  if (was_outside) return bystanders_.Died(process.group, {});
  TracedCall call = std::move(*last);
  last.reset();
  Settle(process);
  bystanders_.Died(process.group, std::move(call));
}

// It was not made: nor is the process whose number it seems to have returned.
void StraceParser::Refuse(TracedCall& call, Fate fate) {
  call.key.fate = fate;
  if (call.is_fork && call.value) processes_.NotMade(*call.value);
}

// A call that was refused and has no line: the trace shows some calls only.
void StraceParser::TakeUnseenCall(Process& process, const Resolved& refused) {
  TracedCall call;
  call.key = {refused.abi, refused.number, Fate::kDenied, settings_.enforced != nullptr};
  call.calls = &CallsOf(process);
  call.when_ms = process.held->when_ms;
  call.name = refused.name;
  Flush(process);
  See(process, std::move(call));
}

// Refused, by a signal that the program may catch.
void StraceParser::TakeSignal(const StraceLine& line, Process& process) {
  if (line.word != kRefusalSignal) return;
  const Sigsys signal = ReadSigsys(line.arguments);
  TracedCall* call = process.open ? &*process.open : process.held ? &*process.held : nullptr;
  const bool is_its_answer =
      signal.sender != Sigsys::Sender::kProcess && call != nullptr && refusals_.ReturnedItself(*call);
  const bool by_filter = signal.sender == Sigsys::Sender::kFilter || is_its_answer;
  process.was_sent_sigsys = !by_filter;
  if (!by_filter) return;
  if (call == nullptr) {
    tally_.Lose("truncated", "a call was refused by a signal, and it is not in the trace", 1);
    return;
  }
  const Resolved named = refusals_.Named(signal, *call);
  const bool is_it =
      is_its_answer || process.open || !call->answered || !named.known || StraceRefusals::MayBe(*call, named);
  if (!is_it) return TakeUnseenCall(process, named);
  if (named.known && (named.number != call->key.number || named.abi != call->key.abi)) SetCall(*call, named);
  Refuse(*call, Fate::kDenied);
  if (process.open) Leave(process, Fate::kDenied);
}

Understood StraceParser::TakeMode(const StraceLine& line) {
  const auto abi = AbiOfMode(line.word, settings_.native);
  if (!abi) return Understood::kNo;
  if (!processes_.says_mode()) {
    for (auto& [pid, process] : processes_.all()) Decide(process, process.abi);
  }
  processes_.SetMode(*line.pid, *abi);
  return Understood::kYes;
}

// "[3/9] CXX a.o[ Process PID=7 runs in 32 bit mode. ]": behind text that a program left without an end of
// line, or in a call that the message cut.
void StraceParser::TakeModeBehind(std::string_view text) {
  const size_t at = text.rfind("[ Process PID=");
  if (at == std::string_view::npos) return;
  const StraceLine line = ParseStraceLine(text.substr(at));
  if (line.kind == Kind::kMode) TakeMode(line);
}

Understood StraceParser::Line(std::string_view text) {
  if (table_.Line(text)) return Understood::kYes;
  StraceLine line = ParseStraceLine(text);
  const bool about_another =
      line.kind == Kind::kMode || line.kind == Kind::kAttached || line.kind == Kind::kDetached;
  if (line.kind == Kind::kAttached) {
    seen_.attached = seen_.attached || !seen_.call;
    processes_.Attached(*line.pid, seen_.call, line.word == "threads");
    return Understood::kYes;
  }
  if (line.kind == Kind::kMode) return TakeMode(line);
  if (line.kind == Kind::kDetached) TakeDetached(line.pid);
  if (line.kind == Kind::kNoName) tally_.Lose("unnamed", "strace could not tell which calls these were", 1);
  if (line.kind == Kind::kUnknown) {
    if (TakeRest(text)) return Understood::kYes;
    TakeModeBehind(text);
    return Understood::kNo;
  }
  if (about_another || line.kind == Kind::kMessage || line.kind == Kind::kNoName) return Understood::kYes;
  SettleCut();
  if (line.pid && file_pid_) NotOfFf();
  if (!line.pid) line.pid = file_pid_;
  if (processes_.all().size() > kMaxProcesses) LetGo();
  const bool enters = line.kind == Kind::kCall || line.kind == Kind::kUnfinished || line.kind == Kind::kTorn;
  Process& process = processes_.Of(line.pid, enters);
  if (line.kind == Kind::kExited || line.kind == Kind::kKilled) {
    TakeDeath(line, process);
    processes_.Forget(line.pid);
    return Understood::kYes;
  }
  if (line.kind == Kind::kSuperseded) {
    Settle(process);
    processes_.Supersede(line.pid, *line.other);
    processes_.Of(line.pid).superseded = file_pid_.has_value();
    return Understood::kYes;
  }
  if (line.kind == Kind::kSignal) {
    TakeSignal(line, process);
    return Understood::kYes;
  }
  if (line.kind == Kind::kMoved) return TakeMoved(line, process);
  Flush(process);
  const auto understood = line.kind == Kind::kResumed ? TakeResumed(line, process) : TakeCall(line, process);
  if (understood == Understood::kNo) return understood;
  if (line.kind == Kind::kUnfinished || line.kind == Kind::kTorn || line.cut) KeepCut(text, line);
  if (line.kind == Kind::kUnfinished && text.ends_with(" mode. ]")) TakeModeBehind(text);
  if (line.detached) TakeDetached(line.other);
  if (line.other && !line.detached) processes_.Attached(*line.other, true);
  return understood;
}

// More processes than live at once on any machine, without an end of any: the trace is not what it claims to
// be.
void StraceParser::LetGo() {
  for (auto& [pid, process] : processes_.all()) {
    Settle(process);
  }
  processes_.ForgetAll();
  tally_.Lose("truncated",
              "more processes than can be followed at once: the ends of their calls were not seen", 1);
}

void StraceParser::EndFile() {
  SettleCut();
  if (table_.EndsInside())
    tally_.Lose("truncated", "possible: a table of strace -c ends without its line for the total", 1);
  for (auto& [pid, process] : processes_.all()) Flush(process);
}

// Calls that only the table has: what the trace has, too, it tells better.
void StraceParser::TakeTable() {
  const auto rows = table_.TakeRows();
  if (rows.empty()) return;
  std::set<std::pair<Abi, uint32_t>> traced;
  tally_.EachRow(
      [&](const auto&, const evidence::CallKey& key, const auto&) { traced.emplace(key.abi, key.number); });
  for (const auto& [name, row] : rows) {
    if (traced.contains({row.call.abi, row.call.number})) continue;
    TracedCall call;
    call.key = {row.call.abi, row.call.number, Fate::kAllowed, settings_.enforced != nullptr};
    call.calls = &CallsOf("?");
    call.name = name.second;
    call.perhaps = row.call.perhaps;
    call.foreign = row.call.foreign;
    Count(call, row.count);
    tally_.Lose("summary",
                "possible: the table has no calls that did not return (exit_group, exit, one in which a "
                "process was killed), and none without a name");
  }
}

void StraceParser::End() {
  bool alive = false;
  for (auto& [pid, process] : processes_.all()) {
    alive = true;
    Flush(process);
    if (process.open)
      tally_.Lose("truncated", fmt::format("the trace ends inside of {}", process.open->name), 1);
    Settle(process);
  }
  bystanders_.End();
  seen_.Tell(tally_, processes_, alive);
  TakeTable();
  doubts_.Tell(tally_, settings_.native);
}

}  // namespace

bool LooksLikeStrace(std::string_view text) {
  const auto line = ParseStraceLine(text);
  switch (line.kind) {
    case Kind::kCall:
    case Kind::kUnfinished:
    case Kind::kResumed:
    case Kind::kExited:
    case Kind::kKilled:
    case Kind::kSuperseded:
    case Kind::kSignal:
    case Kind::kMode:
    case Kind::kAttached:
      return true;
    default:
      return StraceTable::IsHeader(text);
  }
}

std::unique_ptr<Parser> MakeStrace(Tally& tally, const Settings& settings) {
  return std::make_unique<StraceParser>(tally, settings);
}

}  // namespace whittle::import
