// The part of LiveRecorder that gives slots back. A slot is free again when nobody can hold it any more, and
// user space has all that it held:
// - a dropped cgroup is not watched any more, and every thread was forgotten;
// - a cgroup that is gone has no thread, and none can come: its id is not used again soon;
// - and then every program that was under way has ended;
// - where the maps are pinned, all of it is in the journal.
// Process trees keep theirs: who knows what is still to come from them.
// What a subject did stays under its name, until Forget() says that nobody wants it.
#include <algorithm>

#include "record/live_recorder.h"

namespace whittle::record {

std::set<uint64_t> LiveRecorder::TakeGone() {
  for (const uint64_t owner : kernel_->TakeRemoved()) gone_.insert(owner);
  std::erase_if(gone_, [&](uint64_t owner) { return !owners_.Has(owner) || dropped_.contains(owner); });
  std::set<uint64_t> decided;
  std::ranges::copy_if(gone_, std::inserter(decided, decided.end()),
                       [&](uint64_t owner) { return owners_.Reported(owner); });
  for (const uint64_t owner : decided) gone_.erase(owner);
  return decided;
}

void LiveRecorder::Recycle(const std::set<uint64_t>& gone) {
  if (dropped_.empty() && gone.empty()) return;
  for (const uint64_t owner : gone) kernel_->Unwatch(CgroupKey{owner});
  if (!dropped_.empty()) kernel_->ForgetThreads();
  kernel_->WaitForPrograms();
  LearnSubjects();
  CollectOverflow();
  CollectCandidates();
  CollectScripts();
  RetireDenials(gone);
  std::map<uint32_t, whittle_subject_key> free;
  for (const auto& [slot, who] : slots_) {
    if (gone.contains(who.key.owner)) Retire(slot, who);
    if (gone.contains(who.key.owner) || dropped_.contains(who.key.owner)) free.emplace(slot, who.key);
  }
  RetireScripts(gone);
  for (const auto& [slot, key] : free) Forget(slot);
  kernel_->FreeSlots(free);
  std::set<uint64_t> all = std::exchange(dropped_, {});
  all.insert(gone.begin(), gone.end());
  kernel_->RemoveScripts(all);
  std::erase_if(scripts_, [&](const auto& entry) { return all.contains(entry.first.owner); });
  for (const uint64_t owner : all) ForgetOwner(owner);
}

void LiveRecorder::ForgetOwner(uint64_t owner) {
  const std::string name = owners_.ContainerName(owner);
  owners_.Forget(owner);
  kernel_->RemoveOwnerName(owner);
  if (!owners_.IsName(name)) kernel_->RemoveNote(name);
}

// Moves what the slot holds to where it is kept under its subject's name.
void LiveRecorder::Retire(uint32_t slot, const Slot& who) {
  for (uint32_t parity = 0; parity < WHITTLE_PARITIES; parity++) {
    CollectSlot(slot, parity, Kernel::Clear::kYes, Totals::When::kBefore);
  }
  totals_.Retire(slot, SubjectOf(who));
}

void LiveRecorder::RetireDenials(const std::set<uint64_t>& owners) {
  for (const auto& refused : book_.All()) {
    const auto slot = slots_.find(refused.slot);
    if (slot == slots_.end() || !owners.contains(slot->second.key.owner)) continue;
    retired_denials_.push_back(DenialOf(refused, SubjectOf(slot->second).subject));
  }
}

void LiveRecorder::Forget(uint32_t slot) {
  totals_.Forget(slot);
  book_.Forget(slot);
  std::erase_if(overflow_seen_, [&](const auto& entry) { return std::get<0>(entry.first) == slot; });
  std::erase_if(samples_taken_, [&](const auto& taken) { return std::get<0>(taken) == slot; });
  slots_.erase(slot);
}

void LiveRecorder::RetireScripts(const std::set<uint64_t>& owners) {
  for (const auto& [slot, who] : slots_) {
    const auto scripts = scripts_.find(ScriptOwnerOf(who.key));
    if (!owners.contains(who.key.owner) || scripts == scripts_.end()) continue;
    retired_scripts_[SubjectOf(who).subject].insert(scripts->second.begin(), scripts->second.end());
  }
}

bool LiveRecorder::Forget(const std::string& container) {
  if (owners_.IsName(container) && !kernel_->pinned() && !stopped_) Recycle(TakeGone());
  totals_.ForgetRetired(container);
  std::erase_if(retired_denials_,
                [&](const Denial& denial) { return denial.subject.container == container; });
  std::erase_if(retired_scripts_, [&](const auto& entry) { return entry.first.container == container; });
  return !owners_.IsName(container);
}

}  // namespace whittle::record
