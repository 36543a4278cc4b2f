// The processes of a trace: which one a line belongs to, in which mode it runs, which program it executes,
// which of its calls is open, and which is held back because the next line may say that a filter refused it.
// Memory: the living processes only. Not thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "import/tally.h"

namespace whittle::import {

// A call that was entered.
struct TracedCall {
  // Said, not defaulted: what is made where it is kept would be filled with zeros first.
  TracedCall() {}  // NOLINT(modernize-use-equals-default)

  evidence::CallKey key;
  Tally::Calls* calls = nullptr;  // of the subject that made it
  int64_t when_ms = kUndated;
  std::string_view name;            // as the trace spells it; of the parser's table of names
  std::optional<uint32_t> perhaps;  // the trace cannot tell it from this other number
  bool foreign = false;             // the mode of its process lacks it
  std::string executable;           // of an exec: what it starts
  // Of the parser's table; null: not known.
  const evidence::Arguments* arguments = nullptr;
  std::optional<int64_t> value;  // what it returned, where it did with a value
  bool answered = false;         // by the kernel or a filter, with a value or an error
  bool no_result = false;        // "= ?": its thread ended inside of it
  bool is_fork = false;          // makes a process or a thread
  bool is_thread = false;        // of a fork: what it makes is a thread of its process
};

struct Process {
  Abi abi = Abi::kX86_64;
  std::string executable = "?";
  Tally::Calls* calls = nullptr;  // of `executable`; null: to be looked up
  bool executed = false;          // `executable` was seen to start
  bool deduced = false;           // `abi` was found out, nothing says it
  // Of a program that has started, as long as its mode is not known where nothing says it: its calls so far.
  bool undecided = false;
  std::vector<TracedCall> since_start;
  uint32_t group = 0;              // the threads of a process share one, as far as the trace tells
  bool was_sent_sigsys = false;    // by a process, not by a filter
  bool superseded = false;         // a thread executes a program, and its file has the call
  std::optional<TracedCall> open;  // entered and not returned
  std::optional<TracedCall> held;  // returned; a refusal may follow
  bool awaited = false;            // a call made it, and no line of it has come
  bool stranger = false;           // came while others lived, and nothing made it so far

  // What is held has not returned.
  void Reopen() { open = std::exchange(held, std::nullopt); }
  void Become(const std::string& program) {
    executable = program;
    calls = nullptr;
  }
};

class Processes {
 public:
  explicit Processes(Abi native) : forker_abi_(native) {}

  // The process of a line with that prefix. Lines without one are of the process that was alone when they
  // were written; which that is may be learned later. `enters`: the line begins a call.
  Process& Of(std::optional<uint32_t> pid, bool enters = false);
  void SetMode(uint32_t pid, Abi abi);
  // `is_made`: by a call of another one, not chosen by who traces. `threads`: they are attached to as well,
  // and have pids of their own.
  void Attached(uint32_t pid, bool is_made, bool threads = false);
  // A call of `parent` returned the pid of a child, or of a thread.
  void Forked(const Process& parent, uint32_t child, bool is_thread);
  // The same of one whose file was read before.
  void WasMade(uint32_t child);
  // The call that seemed to return `child` was refused.
  void NotMade(int64_t child);
  // A call that makes one ended, nobody knows how.
  void MayHaveForked() { ++perhaps_made_; }
  // From now on numbers of processes may be others than those in front of lines: another pid namespace.
  void Renumbered() { renumbered_ = true; }
  // Its child begins with its program and in its mode, of which strace says nothing.
  void WillFork(const Process& parent);
  void Forget(std::optional<uint32_t> pid);
  // A thread executes a program: it takes the place, and the pid, of its process' first thread.
  void Supersede(std::optional<uint32_t> first, uint32_t by);

  // It has a file, which may be empty.
  void Seen(uint32_t pid);
  // How many processes calls have made of which there is no line. One that nothing has made may be one of
  // them under another number: so it is where there are pid namespaces, and may be elsewhere.
  struct Missing {
    uint64_t surely = 0, perhaps = 0;
  };
  Missing Unseen() const;
  // How many have lines, and no call has made them.
  uint64_t Unmade() const;

  // The trace has lines that say in which mode a process runs.
  bool says_mode() const { return says_mode_; }

  // One with an open call of that name, or null.
  Process* WithOpen(std::string_view name);
  std::map<uint32_t, Process>& all() { return processes_; }
  void ForgetAll();

 private:
  static constexpr uint32_t kNobody = 0;  // no traced process has it

  Process& Get(uint32_t pid);
  Process& Appear(uint32_t pid);
  Process& Heard(Process& process);
  Process& Find(uint32_t pid, bool enters);
  void Adopt(uint32_t pid);

  std::string forker_ = "?";
  Abi forker_abi_;
  bool forker_deduced_ = false;
  bool says_mode_ = false;
  bool let_go_ = false;  // of all that lived: they come again
  bool renumbered_ = false;
  uint64_t awaited_ = 0, strangers_ = 0, perhaps_made_ = 0;  // of all that ever were
  uint32_t attached_group_ = kNobody;                        // of all whose beginnings nobody saw
  uint32_t bare_ = kNobody;                                  // whose are lines without a pid
  static constexpr size_t kMostKept = 8192;
  std::set<uint32_t> gone_;         // strangers: the call that made one may return after its end
  std::set<uint32_t> superseding_;  // threads that went on as their process: their own files may come later
  std::map<uint32_t, Process> processes_;
  std::array<std::pair<uint32_t, Process*>, 64> lately_{};  // found without a search; emptied when one goes
};

}  // namespace whittle::import
