// The part of LiveRecorder that reads the kernel's maps.
#include <algorithm>

#include "base/time.h"
#include "record/live_recorder.h"
#include "record/subjects.h"

namespace whittle::record {

void LiveRecorder::TurnEpoch() {
  kernel_->TurnEpoch();
  LearnSubjects();
  CollectBitmaps(1 - kernel_->parity(), Kernel::Clear::kYes, Totals::When::kNow);
  CollectOverflow();
  CollectCandidates();
  totals_.EndEpoch();
  FreeDropped();
  next_turn_ms_ = MonotonicMs() + totals_.epoch_ms();
}

void LiveRecorder::Collect() {
  LearnSubjects();
  // A program that chose its bitmap just before the epoch turned may have written to it just after it was
  // read.
  CollectBitmaps(1 - kernel_->parity(), Kernel::Clear::kYes, Totals::When::kBefore);
  CollectBitmaps(kernel_->parity(), Kernel::Clear::kNo, Totals::When::kNow);
  CollectOverflow();
  CollectCandidates();
}

void LiveRecorder::CollectBitmaps(uint32_t parity, Kernel::Clear clear, Totals::When when) {
  const uint32_t end = kernel_->slot_end();
  for (uint32_t slot = WHITTLE_FIRST_SLOT; slot < end; slot++) {
    kernel_->ReadSlot(slot, parity, clear, [&](uint32_t row, uint32_t index, uint64_t bits) {
      totals_.AddWord(slot, row, index, bits, when);
    });
  }
}

void LiveRecorder::CollectOverflow() {
  const uint64_t overflows = kernel_->counters().overflows;
  if (std::exchange(overflows_, overflows) == overflows) return;
  for (const auto& [key, count] : kernel_->Overflow()) {
    auto& seen = overflow_seen_[{key.slot, key.row, key.number}];
    if (std::exchange(seen, count) == count) continue;
    totals_.Add(key.slot, {AbiOfRow(key.row), key.number}, Totals::When::kNow);
  }
}

void LiveRecorder::CollectCandidates() {
  const uint64_t candidates = kernel_->counters().candidates;
  if (std::exchange(candidates_, candidates) == candidates) return;
  for (const auto& [key, value] : kernel_->Candidates()) {
    const auto answer = book_.Take(key, value);
    if (answer == DenialBook::Answer::kDismissed) kernel_->RemoveCandidate(key);
    if (answer != DenialBook::Answer::kDenied) continue;
    const bool killed = key.kind == WHITTLE_KILLED || key.kind == WHITTLE_KILLED_THREAD;
    totals_.Add(key.slot,
                {AbiOfRow(key.row), key.number, killed ? evidence::Fate::kKilled : evidence::Fate::kDenied},
                Totals::When::kNow);
  }
}

void LiveRecorder::LearnSubjects() {
  const uint32_t end = kernel_->slot_end();
  for (; learned_end_ < end; learned_end_++) nameless_.insert(learned_end_);
  std::erase_if(nameless_, [&](uint32_t slot) {
    const auto subject = kernel_->Subject(slot);
    if (subject) slots_[slot] = ReadSubject(*subject);
    return subject.has_value();
  });
}

LiveRecorder::Slot LiveRecorder::ReadSubject(const whittle_subject& subject) {
  Slot slot{subject.key, ""};
  if (subject.path_cut == 0) {
    slot.executable =
        PathFromComponents({subject.path, std::min<size_t>(subject.path_bytes, sizeof(subject.path))});
  }
  if (slot.executable.empty()) unnamed_++;
  return slot;
}

void LiveRecorder::FreeDropped() {
  if (dropped_.empty()) return;
  // Nobody holds one of their slots after this: no remembered thread, and no program that is under way.
  kernel_->ForgetThreads();
  kernel_->WaitForPrograms();
  LearnSubjects();
  for (auto it = slots_.begin(); it != slots_.end();) {
    const auto& [slot, who] = *it;
    if (!dropped_.contains(who.key.owner)) {
      ++it;
      continue;
    }
    totals_.Forget(slot);
    book_.Forget(slot);
    std::erase_if(overflow_seen_, [&](const auto& entry) { return std::get<0>(entry.first) == slot; });
    nameless_.insert(slot);
    kernel_->FreeSlot(slot, who.key);
    it = slots_.erase(it);
  }
  for (const uint64_t owner : std::exchange(dropped_, {})) owners_.Forget(owner);
}

}  // namespace whittle::record
