// The eBPF recorder: which system calls the watched tasks make. Needs root (CAP_BPF, CAP_PERFMON,
// CAP_SYS_ADMIN), BTF and raw tracepoints. How it works: docs/recorder.md. Not thread safe: one thread owns a
// Recorder.
//
// Order of use: Create, add targets, Poll until done, Stop, Snapshot.
// Invariants:
// - From the return of an Add... on, no call of that target is missing from Snapshot() unless a gap says so.
// - Two subjects never share a counter. A call is attributed to the executable and cgroup of its thread at
// the call.
// - Numbers and state live in the kernel's maps until read; an event that is lost only delays.
// - The place of a subject is used again once its cgroup is gone and its calls are read; they stay in
// Snapshot().
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/evidence.h"
#include "filter/program.h"
#include "profile/action.h"
#include "record/cgroup.h"
#include "shared.h"
#include "symbols/stack.h"

namespace whittle::record {

// What happens with cgroups that are made while the recorder runs.
enum class NewCgroups {
  kIgnore,              // only what Add... named
  kRecordUntilDecided,  // every new one is recorded from its mkdir on, until Keep() or Drop()
};

// What makes a process in a cgroup part of the workload.
enum class CgroupKind {
  kContainer,  // an exec inside the cgroup and outside the host's mount namespace
  kPlain,      // any exec inside the cgroup (a service, a cgroup made by hand)
};

// Whether refused calls are watched for too: a second program at every call's exit.
enum class Denials { kIgnore, kWatch };

// Whether the filters of thread `tid` refuse the call; nothing if that cannot be told. Asked once for each
// kind of refused call, soon after the first.
using ConfirmDenial = std::function<std::optional<bool>(pid_t tid, const filter::Call& call)>;

// Innermost first. `pid`: the thread's process, which may be gone.
using ResolveStack = std::function<std::vector<symbols::Frame>(const symbols::Sample& sample, pid_t pid)>;

struct Options {
  NewCgroups new_cgroups = NewCgroups::kIgnore;
  Denials denials = Denials::kIgnore;
  // Decides whether a candidate is a denial (filter::EvaluateStacked on the filters that are known to be in
  // force, or on those read from the thread). Empty: a candidate counts if nothing speaks against it.
  ConfirmDenial confirm;
  // Makes frames of a thread's registers and stack, soon after its call was refused. Empty: no stacks are
  // kept.
  ResolveStack resolve_stack;
  // Names the recording in the evidence. Empty: made from time, host and pid.
  std::string id;
  std::string target;  // what was asked for, for people: "container web"
  int64_t epoch_ms = 1000;
  // Subjects at once, at most WHITTLE_SLOTS. Fewer for tests of what happens when there is no more room.
  uint32_t slots = WHITTLE_SLOTS;
  // Calls are not looked at any more once nothing new came for so long, until something happens, or it is
  // time (record/quiet.h). 0: always looked at; not by time alone.
  int64_t quiet_ms = 0;
  int64_t quiet_at_most_ms = 0;
  // Where the maps are pinned (record/pins.h), in a folder that is yet to be made: for callers that write a
  // journal, and call SayWritten() and RemovePins(). Empty: they end with the recorder.
  std::string pins;
  // The program's variant for kernels before 6.2, which find the task by a helper call. For tests.
  enum class Variant { kBest, kTaskHelper } variant = Variant::kBest;
};

// Something that a caller may want to act on. Events may be lost when the ring is full; state is not.
struct Event {
  enum class Kind {
    kCgroupMade,     // cgroup, path
    kCgroupRemoved,  // cgroup, path
    kExec,           // a watched task executed a program: cgroup, pid, path = executable
    kExit,           // a watched process (its last thread) ended: cgroup, pid
  };
  Kind kind{};
  CgroupKey cgroup;  // 0 for a process tree
  pid_t pid = 0;     // process id in the recorder's pid namespace; 0 if it has none there
  std::string path;
};

// What the caller of a refused call got.
enum class Refusal {
  kError,          // an errno
  kValue,          // a value: an answered notification
  kTrapped,        // SIGSYS, to a handler of its own
  kKilledProcess,  // SIGSYS, its end
  kKilledThread,   // the end of the thread alone
  kLogged,         // nothing: it was executed, and the kernel wrote a line about it
};

// What the thread's own filters answered.
struct Judgement {
  std::optional<profile::Action> action;  // nothing: they could not be asked
  uint16_t data = 0;                      // errno, trace message
  int filter = -1;       // which one, 0 is the one installed first; -1: not known, or all of them allow
  uint32_t filters = 0;  // how many the thread has
  uint16_t words = 0;    // bit i: word i of struct seccomp_data was read to find it
  bool operator==(const Judgement&) const = default;
};

// A call that the thread made next.
struct NextCall {
  Abi abi = Abi::kX86_64;
  uint32_t number = 0;
  bool operator==(const NextCall&) const = default;
};

// A refused call, by subject.
struct Denial {
  evidence::Subject subject;
  filter::Call call;  // arguments as first seen
  evidence::Fate fate = evidence::Fate::kDenied;
  Refusal refusal = Refusal::kError;
  int32_t errno_value = 0;  // of kError
  uint64_t count = 0;
  std::string command;  // comm of the first thread
  pid_t pid = 0;        // its process, in the recorder's pid namespace; 0 if it has none there
  pid_t tid = 0;        // the first thread
  int32_t value = 0;    // of kValue: what the caller got
  Judgement judgement;
  int64_t first_ms = 0;  // wall clock
  int64_t last_ms = 0;
  std::vector<NextCall> next;         // after the first one, as far as they were kept
  std::vector<symbols::Frame> stack;  // of the first one, innermost first; empty: not kept
};

class Recorder {
 public:
  // Loads and attaches. Errors: kNotPossible with one line that says what is missing.
  static Result<std::unique_ptr<Recorder>> Create(Options options);
  virtual ~Recorder() = default;

  // Targets. kBadInput if it does not exist.
  virtual Result<void> AddCgroup(CgroupKey cgroup, CgroupKind kind) = 0;
  // The tree under a process: it, its threads, and whatever they fork. What runs already is workload; a child
  // that has not executed its program yet is added with AddChild and becomes workload by its first exec.
  virtual Result<void> AddProcessTree(pid_t pid) = 0;
  virtual Result<void> AddChild(pid_t pid) = 0;

  // Decides about a cgroup that kRecordUntilDecided found. Keep: and about every undecided cgroup below it.
  // Drop forgets its calls, and decides about no other: a folder of containers is not its containers.
  virtual Result<void> Keep(CgroupKey cgroup) = 0;
  virtual Result<void> Drop(CgroupKey cgroup) = 0;
  // Cgroups that are recorded and undecided.
  virtual std::vector<Cgroup> Undecided() const = 0;

  // Subjects of the cgroup (and of those below it) are reported under this container name. Without a name:
  // the cgroup's last path component; process trees: "-". A name that comes after the first Poll() that
  // follows on Keep() may find the cgroup gone, and its calls filed under the old one.
  virtual void Name(CgroupKey cgroup, std::string container) = 0;

  // Where the maps are pinned. A line to be kept with them, for who takes over (TakenOver::notes): what the
  // caller knows of the containers that it names `key`. As long as there is one of that name.
  virtual void Note(const std::string& key, const std::string& text) { (void)key, (void)text; }
  // The last Snapshot() is kept elsewhere.
  virtual void SayWritten() {}
  // Everything is kept elsewhere, or not wanted.
  virtual void RemovePins() {}

  // Whether calls are looked at now, and for people why that changed last: "nothing new came for 60 s".
  virtual bool watching() const { return true; }
  virtual std::string watching_why() const { return ""; }

  // Facts for the evidence (engine, runtime, image, exercised); kernel, times and epochs are filled in by the
  // recorder.
  virtual evidence::Recording& facts() = 0;

  // Waits up to `timeout_ms` for events, turns the epoch when it is time, and returns what happened.
  // Call it at least once in an epoch.
  virtual Result<std::vector<Event>> Poll(int timeout_ms) = 0;

  // Detaches and reads what is left. Later Polls do nothing.
  virtual Result<void> Stop() = 0;

  // Everything so far, the running epoch included. Undecided cgroups are left out.
  virtual evidence::Evidence Snapshot() = 0;
  // Refused and logged calls so far, oldest kind first; equal ones are one (record/denials.h).
  virtual std::vector<Denial> denials() = 0;

  // For callers that go on for ever. News(): grows with whatever was seen that had not been, with each
  // refused call, and with each gap. Forget(): what is known under a container's name (Name()) is not needed
  // any more, and its cgroups are gone; false if they are not yet: call it again later.
  virtual uint64_t News() { return 0; }
  virtual bool Forget(const std::string& container) { return (void)container, true; }
};

}  // namespace whittle::record
