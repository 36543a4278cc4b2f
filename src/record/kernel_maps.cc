// The part of Kernel that walks hash maps.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstring>
#include <utility>

#include "record/kernel.h"
#include "recorder.skel.h"

namespace whittle::record {
namespace {

// Every entry of a map. Entries that come or go meanwhile may be missed or seen twice; callers ask again.
template <typename Key, typename Value>
std::vector<std::pair<Key, Value>> Entries(const bpf_map* map) {
  std::vector<std::pair<Key, Value>> entries;
  const uint32_t limit = bpf_map__max_entries(map);
  Key key{};
  const Key* previous = nullptr;
  for (uint32_t i = 0; i < limit; i++) {
    Key next{};
    if (bpf_map__get_next_key(map, previous, &next, sizeof(next)) != 0) break;
    Value value{};
    if (bpf_map__lookup_elem(map, &next, sizeof(next), &value, sizeof(value), 0) == 0) {
      entries.emplace_back(next, value);
    }
    key = next;
    previous = &key;
  }
  return entries;
}

}  // namespace

std::optional<whittle_subject> Kernel::Subject(uint32_t slot) const {
  whittle_subject subject{};
  if (Named(slot) == WHITTLE_NAMELESS ||
      bpf_map__lookup_elem(skeleton_->maps.subject_names, &slot, sizeof(slot), &subject, sizeof(subject),
                           0) != 0) {
    return std::nullopt;
  }
  return subject;
}

void Kernel::FreeSlots(const std::map<uint32_t, whittle_subject_key>& slots) {
  for (const auto& [slot, subject] : slots) {
    // Its calls go before its name: half done, it is nobody else's.
    for (uint32_t parity = 0; parity < WHITTLE_PARITIES; parity++) {
      ReadSlot(slot, parity, Clear::kYes, [](uint32_t, uint32_t, uint64_t) {});
    }
    memset(skeleton_->bss->unwritten[slot], 0, sizeof(skeleton_->bss->unwritten[slot]));
    bpf_map__delete_elem(skeleton_->maps.subjects, &subject, sizeof(subject), 0);
    bpf_map__delete_elem(skeleton_->maps.subject_names, &slot, sizeof(slot), 0);
    __atomic_store_n(&skeleton_->bss->named[slot], WHITTLE_NAMELESS, __ATOMIC_SEQ_CST);
  }
  for (const auto& [key, count] : Overflow()) {
    if (slots.contains(key.slot)) bpf_map__delete_elem(skeleton_->maps.overflow, &key, sizeof(key), 0);
  }
  for (const auto& [key, value] : Candidates()) {
    if (slots.contains(key.slot)) RemoveCandidate(key);
  }
  // Empty, they can be taken.
  for (const auto& [slot, subject] : slots) {
    bpf_map__update_elem(skeleton_->maps.free_slots, nullptr, 0, &slot, sizeof(slot), BPF_ANY);
  }
}

void Kernel::ForgetCallsInProgress() {
  for (auto& thread : skeleton_->bss->threads) __atomic_store_n(&thread.in_call, 0, __ATOMIC_SEQ_CST);
  for (const auto& [key, value] : Entries<uint64_t, uint32_t>(skeleton_->maps.in_calls)) {
    bpf_map__delete_elem(skeleton_->maps.in_calls, &key, sizeof(key), 0);
  }
}

std::vector<uint64_t> Kernel::TakeRemoved() {
  std::vector<uint64_t> removed;
  const uint64_t count = __atomic_load_n(&counters().removed, __ATOMIC_SEQ_CST);
  if (std::exchange(removed_, count) == count) return removed;
  for (const auto& [key, value] : Entries<uint64_t, uint32_t>(skeleton_->maps.removed_cgroups)) {
    bpf_map__delete_elem(skeleton_->maps.removed_cgroups, &key, sizeof(key), 0);
    removed.push_back(key);
  }
  return removed;
}

std::vector<whittle_script_key> Kernel::Scripts() const {
  std::vector<whittle_script_key> scripts;
  for (const auto& [key, value] : Entries<whittle_script_key, uint32_t>(skeleton_->maps.scripts)) {
    scripts.push_back(key);
  }
  return scripts;
}

void Kernel::RemoveScripts(const std::set<uint64_t>& owners) {
  for (const auto& key : Scripts()) {
    if (owners.contains(key.subject.owner))
      bpf_map__delete_elem(skeleton_->maps.scripts, &key, sizeof(key), 0);
  }
}

std::vector<std::pair<whittle_overflow_key, uint64_t>> Kernel::Overflow() const {
  return Entries<whittle_overflow_key, uint64_t>(skeleton_->maps.overflow);
}

std::vector<std::pair<whittle_candidate_key, whittle_candidate>> Kernel::Candidates() const {
  return Entries<whittle_candidate_key, whittle_candidate>(skeleton_->maps.candidates);
}

void Kernel::RemoveCandidate(const whittle_candidate_key& key) {
  bpf_map__delete_elem(skeleton_->maps.candidates, &key, sizeof(key), 0);
}

std::unique_ptr<whittle_sample> Kernel::TakeSample(uint32_t index) {
  auto sample = std::make_unique<whittle_sample>();
  const bool found = bpf_map__lookup_elem(skeleton_->maps.samples, &index, sizeof(index), sample.get(),
                                          sizeof(*sample), 0) == 0;
  if (!found) return nullptr;
  if (sample->modules_cut != WHITTLE_MODULES_LATER) {
    bpf_map__update_elem(skeleton_->maps.free_samples, nullptr, 0, &index, sizeof(index), BPF_ANY);
  }
  return sample;
}

std::vector<Cgroup> Kernel::CgroupPaths() const {
  std::vector<Cgroup> cgroups;
  for (const auto& [key, value] : Entries<uint64_t, whittle_cgroup_path>(skeleton_->maps.cgroup_paths)) {
    cgroups.push_back({CgroupKey{key}, std::string(value.path, strnlen(value.path, sizeof(value.path)))});
  }
  return cgroups;
}

std::map<uint64_t, std::string> Kernel::OwnerNames() const {
  std::map<uint64_t, std::string> names;
  for (const auto& [key, value] : Entries<uint64_t, whittle_owner_name>(skeleton_->maps.owner_names)) {
    names[key] = std::string(value.name, strnlen(value.name, sizeof(value.name)));
  }
  return names;
}

std::map<std::string, std::string> Kernel::Notes() const {
  std::map<std::string, std::string> notes;
  for (const auto& [key, value] : Entries<whittle_note_key, whittle_note>(skeleton_->maps.notes)) {
    notes[std::string(key.text, strnlen(key.text, sizeof(key.text)))] =
        std::string(value.text, strnlen(value.text, sizeof(value.text)));
  }
  return notes;
}

std::vector<std::pair<uint64_t, whittle_watched>> Kernel::WatchedCgroups() const {
  return Entries<uint64_t, whittle_watched>(skeleton_->maps.watched);
}

}  // namespace whittle::record
