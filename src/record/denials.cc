#include "record/denials.h"

#include <algorithm>
#include <cstring>

#include "record/totals.h"

namespace whittle::record {
namespace {

bool IsErrno(int32_t result) { return result < 0 && result > -4096; }

Refusal RefusalOf(const whittle_candidate_key& key) {
  switch (key.kind) {
    case WHITTLE_TRAPPED:
      return Refusal::kTrapped;
    case WHITTLE_KILLED:
      return Refusal::kKilledProcess;
    case WHITTLE_KILLED_THREAD:
      return Refusal::kKilledThread;
    default:
      return IsErrno(key.result) ? Refusal::kError : Refusal::kValue;
  }
}

RefusedCall ToRefusedCall(const whittle_candidate_key& key, const whittle_candidate& value) {
  RefusedCall refused;
  refused.slot = key.slot;
  refused.call = {AbiOfRow(key.row), key.number, {}, value.instruction_pointer};
  std::ranges::copy(value.arguments, refused.call.arguments.begin());
  const bool killed = key.kind == WHITTLE_KILLED || key.kind == WHITTLE_KILLED_THREAD;
  refused.fate = killed ? evidence::Fate::kKilled : evidence::Fate::kDenied;
  refused.refusal = RefusalOf(key);
  refused.result = key.result;
  refused.command = std::string(value.comm, strnlen(value.comm, sizeof(value.comm)));
  refused.pid = static_cast<pid_t>(value.pid);
  refused.tid = static_cast<pid_t>(value.tid);
  return refused;
}

// A signal of seccomp's is a fact; an exit without an enter may have another cause.
bool NeedsConfirmation(uint32_t kind) { return kind == WHITTLE_REFUSED || kind == WHITTLE_REFUSED_UNSURE; }

}  // namespace

DenialBook::Answer DenialBook::Take(const whittle_candidate_key& key, const whittle_candidate& value) {
  const Key id{key.slot, key.row, key.number, key.kind, key.result};
  if (const auto known = denials_.find(id); known != denials_.end()) {
    if (known->second.count == value.count) return Answer::kNothingNew;
    known->second.count = value.count;
    return Answer::kDenied;
  }
  RefusedCall refused = ToRefusedCall(key, value);
  const auto confirmed =
      NeedsConfirmation(key.kind) && confirm_ ? confirm_(refused.tid, refused.call) : std::nullopt;
  if (confirmed == false) return Answer::kDismissed;
  if (!confirmed && key.kind == WHITTLE_REFUSED_UNSURE) {
    uint64_t& seen = unsure_seen_[id];
    if (seen == value.count) return Answer::kNothingNew;
    unsure_ += value.count - std::exchange(seen, value.count);
    return Answer::kUnsure;
  }
  refused.count = value.count;
  denials_.emplace(id, std::move(refused));
  return Answer::kDenied;
}

void DenialBook::Forget(uint32_t slot) {
  const auto of_slot = [slot](const auto& entry) { return std::get<0>(entry.first) == slot; };
  std::erase_if(denials_, of_slot);
  std::erase_if(unsure_seen_, of_slot);
}

std::vector<RefusedCall> DenialBook::All() const {
  std::vector<RefusedCall> all;
  for (const auto& [key, refused] : denials_) all.push_back(refused);
  return all;
}

}  // namespace whittle::record
