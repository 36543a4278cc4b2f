// The seam between the recorder and the kernel: loads the programs of bpf/, and reads and writes their maps.
// What is decided from it is elsewhere. Not thread safe. Layouts: bpf/shared.h.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/recorder.h"
#include "shared.h"

struct recorder;  // the generated skeleton
struct ring_buffer;

namespace whittle::record {

class Kernel {
 public:
  // Loads, attaches everything, and watches nobody yet. Errors: kNotPossible, one line that says what is
  // missing.
  static Result<std::unique_ptr<Kernel>> Load(const Options& options);
  // The maps that a killed recorder left pinned, to be read: no programs, nothing is watched. Errors:
  // kNotPossible if there are not all of them, or another version of this program made them.
  static Result<std::unique_ptr<Kernel>> OpenPinned(const std::string& pins);
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  // Stops looking at calls, and looks again. Forks, execs, exits and cgroups are followed all the time, and
  // between the two signals, too (WHITTLE_SIGNAL).
  void DetachCalls();
  Result<void> AttachCalls();

  // Ends watching; the maps stay readable. Afterwards no program runs any more.
  void Detach();

  // Waits for events and hands each to `take`.
  Result<void> Poll(int timeout_ms, const std::function<void(const whittle_event&)>& take);

  // Targets. Errors: kNotPossible if a map is full.
  Result<void> Watch(CgroupKey cgroup, whittle_decision decision, whittle_kind kind);
  void Unwatch(CgroupKey cgroup);
  Result<void> AddRoot(pid_t tid, const whittle_task_state& state);
  // Every thread is looked up afresh at its next call: after targets changed.
  void ForgetThreads();
  // When it returns, every program that was running at the call has ended.
  void WaitForPrograms();

  // Epochs: programs that start from now on write to the other bitmap.
  void TurnEpoch();
  uint32_t parity() const;
  // What kClear has taken out of the bitmaps, until SayWritten(): only where the maps are pinned.
  void ReadUnwritten(uint32_t slot, const std::function<void(uint32_t, uint32_t, uint64_t)>& take);
  // All that was read so far is kept elsewhere.
  void SayWritten();
  // Slots in use are below this.
  uint32_t slot_end() const;
  // Calls `take(row, index, bits)` for every word that has bits. kClear takes exactly those bits out.
  enum class Clear { kNo, kYes };
  void ReadSlot(uint32_t slot, uint32_t parity, Clear clear,
                const std::function<void(uint32_t, uint32_t, uint64_t)>& take);
  // Nothing while the kernel side has not finished it.
  std::optional<whittle_subject> Subject(uint32_t slot) const;
  whittle_named Named(uint32_t slot) const;
  void MarkNameRead(uint32_t slot);
  // Makes slots of subjects that nobody is any more free for others. What they still hold is lost.
  void FreeSlots(const std::map<uint32_t, whittle_subject_key>& slots);
  // Watched cgroups that were removed since the last call.
  std::vector<uint64_t> TakeRemoved();

  // What user space knows, kept with the maps; nothing is done where they are not pinned.
  bool pinned() const { return pinned_; }
  whittle_session& session();
  void SetOwnerName(uint64_t owner, const std::string& name);
  void RemoveOwnerName(uint64_t owner);
  std::map<uint64_t, std::string> OwnerNames() const;
  void SetNote(const std::string& key, const std::string& text);
  void RemoveNote(const std::string& key);
  std::map<std::string, std::string> Notes() const;
  std::vector<std::pair<uint64_t, whittle_watched>> WatchedCgroups() const;

  const whittle_counters& counters() const;
  std::vector<std::pair<whittle_overflow_key, uint64_t>> Overflow() const;
  std::vector<std::pair<whittle_candidate_key, whittle_candidate>> Candidates() const;
  void RemoveCandidate(const whittle_candidate_key& key);
  // Reads a stack. Its place is free afterwards, unless its modules are still to come (whittle_modules).
  std::unique_ptr<whittle_sample> TakeSample(uint32_t index);
  std::vector<Cgroup> CgroupPaths() const;
  std::vector<whittle_script_key> Scripts() const;
  // Those of subjects of these owners.
  void RemoveScripts(const std::set<uint64_t>& owners);

 private:
  Kernel() = default;
  Result<void> Attach();
  void FreeAllSamples();
  struct Hook;
  std::vector<Hook> CallHooks();
  Result<void> AttachHook(const Hook& hook);
  void ForgetCallsInProgress();
  Result<void> Pin(const std::string& pins);
  Result<void> Reuse(const std::string& pins);

  ::recorder* skeleton_ = nullptr;
  ring_buffer* ring_ = nullptr;
  const std::function<void(const whittle_event&)>* take_ = nullptr;
  bool pinned_ = false;
  uint64_t removed_ = 0;  // the counter when it was last looked at
};

// One line for each kind of failure that the kernel side counted: what it means for the evidence.
struct KernelGap {
  whittle_error place;
  const char* kind;
  const char* detail;
};
std::span<const KernelGap> KernelGaps();

}  // namespace whittle::record
