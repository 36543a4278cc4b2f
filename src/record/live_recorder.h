// The recorder on a real kernel: joins the seam (kernel.h) with the pure parts. See recorder.h for the
// contract.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/time.h"
#include "record/audit_stream.h"
#include "record/denials.h"
#include "record/kernel.h"
#include "record/owners.h"
#include "record/quiet.h"
#include "record/recorder.h"
#include "record/totals.h"

namespace whittle::record {

class LiveRecorder final : public Recorder {
 public:
  LiveRecorder(Options options, std::unique_ptr<Kernel> kernel, Abi native);

  Result<void> AddCgroup(CgroupKey cgroup, CgroupKind kind) override;
  Result<void> AddProcessTree(pid_t pid) override;
  Result<void> AddChild(pid_t pid) override;
  Result<void> Keep(CgroupKey cgroup) override;
  Result<void> Drop(CgroupKey cgroup) override;
  std::vector<Cgroup> Undecided() const override { return owners_.Undecided(); }
  void Name(CgroupKey cgroup, std::string container) override;
  void Note(const std::string& key, const std::string& text) override { kernel_->SetNote(key, text); }
  void SayWritten() override;
  void RemovePins() override;
  bool watching() const override { return quiet_.watching(); }
  std::string watching_why() const override { return watching_why_; }
  evidence::Recording& facts() override { return recording_; }
  Result<std::vector<Event>> Poll(int timeout_ms) override;
  Result<void> Stop() override;
  evidence::Evidence Snapshot() override;
  std::vector<Denial> denials() override;
  uint64_t News() override;
  bool Forget(const std::string& container) override;

 private:
  // A slot, once its name is known.
  struct Slot {
    whittle_subject_key key{};
    std::string executable;
  };

  void TakeEvent(const whittle_event& event, std::vector<Event>& events);
  // Cgroups that the kernel side saw made and that no event told of yet.
  void LearnCgroups(std::vector<Event>& events);
  void TurnEpoch();
  // Detaches when nothing new comes, and watches again by schedule.
  Result<void> LookForQuiet();
  Result<void> WatchAgain(Wake wake);
  Result<void> WakeBy(const std::vector<Event>& events);
  // Whether an audit record since the last time may be of something that is watched.
  bool IsLogged();
  // Reads what there is, without ending the epoch.
  void Collect();
  void CollectBitmaps(uint32_t parity, Kernel::Clear clear, Totals::When when);
  void CollectSlot(uint32_t slot, uint32_t parity, Kernel::Clear clear, Totals::When when);
  void CollectOverflow();
  void CollectCandidates();
  void TakeStack(const whittle_candidate_key& key, const whittle_candidate& value);
  void LearnSubjects();
  Slot ReadSubject(const whittle_subject& subject);
  void CollectScripts();
  // Frees the slots of what was dropped and of what is gone.
  void Recycle(const std::set<uint64_t>& gone);
  std::set<uint64_t> TakeGone();
  void ForgetOwner(uint64_t owner);
  // What is known of an owner that is kept, for who takes over.
  void KeepName(uint64_t owner);
  void Retire(uint32_t slot, const Slot& who);
  void Forget(uint32_t slot);
  void RetireDenials(const std::set<uint64_t>& owners);
  void RetireScripts(const std::set<uint64_t>& owners);
  uint64_t NewTree();
  Result<bool> NameThreads(const std::function<std::vector<pid_t>()>& list, const whittle_task_state& state);
  void AddLateGap();
  SlotSubject SubjectOf(const Slot& slot) const;
  static Denial DenialOf(const RefusedCall& refused, const evidence::Subject& subject);
  void AddScripts(evidence::Evidence& evidence) const;
  void AddGaps(evidence::Evidence& evidence) const;
  void AddGap(const std::string& kind, const std::string& detail);

  Options options_;
  std::unique_ptr<Kernel> kernel_;
  Totals totals_;
  Owners owners_;
  DenialBook book_;
  evidence::Recording recording_;
  std::string id_;
  std::map<uint32_t, Slot> slots_;
  std::set<uint64_t> dropped_;  // owners whose slots are to be freed
  std::set<uint64_t> gone_;     // cgroups that are no more; their slots are freed once they are decided about
  std::set<uint64_t> in_snapshot_;  // of these, those of which the last Snapshot() has everything
  // By the subject's key without the flag of the filter.
  struct ScriptOwner {
    uint64_t owner, inode, modified_ns;
    uint32_t device, generation, flags;
    auto operator<=>(const ScriptOwner&) const = default;
  };
  static ScriptOwner ScriptOwnerOf(const whittle_subject_key& key);
  std::map<ScriptOwner, evidence::Scripts> scripts_;
  std::map<evidence::Subject, evidence::Scripts> retired_scripts_;
  std::vector<Denial> retired_denials_;
  std::map<std::tuple<uint32_t, uint32_t, uint32_t>, uint64_t> overflow_seen_;
  // Slot, number, time and place of the stacks that were read.
  std::set<std::tuple<uint32_t, uint32_t, uint64_t, uint32_t>> samples_taken_;
  // The kernel's counters when they were last looked at.
  uint64_t overflows_ = 0;
  uint64_t candidates_ = 0;
  uint64_t ring_full_ = 0;
  uint64_t scripts_seen_ = 0;
  uint64_t unnamed_ = 0;
  uint64_t news_seen_ = 0;
  Quiet quiet_;
  std::optional<AuditStream> audit_;  // while calls are not looked at
  std::string watching_why_;
  bool signalled_ = false;
  int64_t last_poll_ms_ = MonotonicMs();
  int64_t late_ms_ = 0;        // how long nobody read, in all
  std::vector<Event> events_;  // for the next Poll()
  std::set<evidence::Gap> gaps_;
  uint64_t trees_ = 0;
  int64_t next_turn_ms_ = 0;
  bool stopped_ = false;
};

}  // namespace whittle::record
