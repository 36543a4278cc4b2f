// The part of LiveRecorder that reads the kernel's maps.
#include <algorithm>
#include <cstring>

#include "base/time.h"
#include "record/live_recorder.h"
#include "record/samples.h"
#include "record/subjects.h"

namespace whittle::record {

void LiveRecorder::TurnEpoch() {
  kernel_->TurnEpoch();
  LearnSubjects();
  CollectBitmaps(1 - kernel_->parity(), Kernel::Clear::kYes, Totals::When::kNow);
  CollectOverflow();
  CollectCandidates();
  CollectScripts();
  totals_.EndEpoch();
  // What is in no journal yet stays in the maps, for who takes over.
  Recycle(kernel_->pinned() ? std::set<uint64_t>() : TakeGone());
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
  CollectScripts();
}

uint64_t LiveRecorder::News() {
  if (!stopped_) Collect();
  const auto& counters = kernel_->counters();
  uint64_t news = totals_.news() + counters.candidates + gaps_.size() + static_cast<uint64_t>(late_ms_);
  for (const uint64_t errors : counters.errors) news += errors;
  return news;
}

void LiveRecorder::CollectBitmaps(uint32_t parity, Kernel::Clear clear, Totals::When when) {
  const uint32_t end = kernel_->slot_end();
  for (uint32_t slot = WHITTLE_FIRST_SLOT; slot < end; slot++) CollectSlot(slot, parity, clear, when);
}

void LiveRecorder::CollectSlot(uint32_t slot, uint32_t parity, Kernel::Clear clear, Totals::When when) {
  kernel_->ReadSlot(slot, parity, clear, [&](uint32_t row, uint32_t index, uint64_t bits) {
    totals_.AddWord(slot, row, index, bits, when);
  });
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
    if (value.sample != 0) TakeStack(key, value);
    if (answer == DenialBook::Answer::kDismissed) kernel_->RemoveCandidate(key);
    if (answer != DenialBook::Answer::kDenied) continue;
    totals_.Add(key.slot, {AbiOfRow(key.row), key.number, FateOfCandidate(key.kind)}, Totals::When::kNow);
  }
}

// A place for a stack is taken by the kernel side once for each kind of call, and free again when it was
// read.
void LiveRecorder::TakeStack(const whittle_candidate_key& key, const whittle_candidate& value) {
  const auto name = std::tuple(key.slot, key.number, value.first_ns, value.sample);
  if (!options_.resolve_stack || samples_taken_.contains(name)) return;
  const auto sample = kernel_->TakeSample(value.sample - 1);
  if (sample && sample->modules_cut == WHITTLE_MODULES_LATER && !stopped_) return;
  samples_taken_.insert(name);
  if (!sample) return;
  book_.SetStack(key, options_.resolve_stack(SampleOf(*sample), static_cast<pid_t>(value.pid)));
}

void LiveRecorder::CollectScripts() {
  const uint64_t scripts = kernel_->counters().scripts;
  if (std::exchange(scripts_seen_, scripts) == scripts) return;
  for (const auto& key : kernel_->Scripts()) {
    scripts_[ScriptOwnerOf(key.subject)].emplace(key.name, strnlen(key.name, sizeof(key.name)));
  }
}

LiveRecorder::ScriptOwner LiveRecorder::ScriptOwnerOf(const whittle_subject_key& key) {
  return {key.owner,  key.inode,      key.modified_ns,
          key.device, key.generation, key.flags & WHITTLE_SUBJECT_WORKLOAD};
}

void LiveRecorder::LearnSubjects() {
  const uint32_t end = kernel_->slot_end();
  for (uint32_t slot = WHITTLE_FIRST_SLOT; slot < end; slot++) {
    if (kernel_->Named(slot) != WHITTLE_NAMED) continue;
    if (const auto subject = kernel_->Subject(slot)) slots_[slot] = ReadSubject(*subject);
    kernel_->MarkNameRead(slot);
  }
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

}  // namespace whittle::record
