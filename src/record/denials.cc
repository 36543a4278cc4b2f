#include "record/denials.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <cstring>
#include <utility>

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
    case WHITTLE_LOGGED:
      return Refusal::kLogged;
    default:
      return IsErrno(key.result) ? Refusal::kError : Refusal::kValue;
  }
}

Judgement JudgementOf(const whittle_candidate& value) {
  Judgement judgement;
  judgement.filters = value.filters;
  judgement.words = static_cast<uint16_t>(value.words);
  if (value.verdict_known == 0) return judgement;
  judgement.action = profile::ActionOf(value.verdict);
  judgement.data = static_cast<uint16_t>(value.verdict & SECCOMP_RET_DATA);
  judgement.filter = value.filters - 1 - value.filter;
  return judgement;
}

std::vector<NextCall> NextCallsOf(const whittle_candidate& value) {
  std::vector<NextCall> next;
  for (uint32_t i = 0; i < value.next_count && i < WHITTLE_NEXT; i++) {
    next.push_back(
        {AbiOfRow(static_cast<uint32_t>(value.next[i] >> 32)), static_cast<uint32_t>(value.next[i])});
  }
  return next;
}

RefusedCall ToRefusedCall(const whittle_candidate_key& key, const whittle_candidate& value) {
  RefusedCall refused;
  refused.slot = key.slot;
  refused.call = {AbiOfRow(key.row), key.number, {}, value.instruction_pointer};
  std::ranges::copy(value.arguments, refused.call.arguments.begin());
  refused.judgement = JudgementOf(value);
  // How a thread alone ends tells its action, also where its filters are gone.
  if (key.kind == WHITTLE_KILLED_THREAD) refused.judgement.action = profile::Action::kKillThread;
  refused.fate = FateOfCandidate(key.kind);
  refused.refusal = RefusalOf(key);
  refused.result = key.result;
  refused.command = std::string(value.comm, strnlen(value.comm, sizeof(value.comm)));
  refused.pid = static_cast<pid_t>(value.pid);
  refused.tid = static_cast<pid_t>(value.tid);
  refused.first_ns = value.first_ns;
  return refused;
}

// What the kernel side learns of a kind that it has told of already.
void Update(RefusedCall& refused, const whittle_candidate& value) {
  refused.count = value.count;
  refused.last_ns = value.last_ns;
  refused.next = NextCallsOf(value);
}

// A signal of seccomp's is a fact; an exit without an enter may have another cause.
bool NeedsConfirmation(uint32_t kind) { return kind == WHITTLE_REFUSED || kind == WHITTLE_REFUSED_UNSURE; }

// The values that decided, word by word.
std::vector<uint32_t> DecidingWords(const Denial& denial) {
  std::vector<uint32_t> deciding;
  const filter::Data data = filter::DataOf(denial.call);
  for (size_t word = 2; word < data.size(); word++) {
    if ((denial.judgement.words >> word & 1) != 0) deciding.push_back(data[word]);
  }
  return deciding;
}

auto Identity(const Denial& denial) {
  const Judgement& judged = denial.judgement;
  return std::tuple(denial.subject, denial.call.abi, denial.call.number, denial.refusal, denial.errno_value,
                    denial.value, judged.action, judged.data, judged.filter, judged.words,
                    DecidingWords(denial));
}

void Join(Denial& into, const Denial& more) {
  const uint64_t count = into.count + more.count;
  const int64_t last_ms = std::max(into.last_ms, more.last_ms);
  if (more.first_ms < into.first_ms) into = more;
  into.count = count;
  into.last_ms = last_ms;
}

}  // namespace

evidence::Fate FateOfCandidate(uint32_t kind) {
  if (kind == WHITTLE_LOGGED) return evidence::Fate::kLogged;
  const bool killed = kind == WHITTLE_KILLED || kind == WHITTLE_KILLED_THREAD;
  return killed ? evidence::Fate::kKilled : evidence::Fate::kDenied;
}

std::vector<Denial> Joined(std::vector<Denial> denials) {
  std::map<decltype(Identity(Denial{})), Denial> joined;
  for (auto& denial : denials) {
    const auto [at, fresh] = joined.try_emplace(Identity(denial), denial);
    if (!fresh) Join(at->second, denial);
  }
  std::vector<Denial> all;
  for (auto& [identity, denial] : joined) all.push_back(std::move(denial));
  std::ranges::stable_sort(all, {}, &Denial::first_ms);
  return all;
}

DenialBook::Key DenialBook::IdOf(const whittle_candidate_key& key) {
  return {key.slot, key.row, key.number, key.kind, key.result, key.filters, key.variant};
}

// What the kernel side judged itself needs no other word, but where it may have begun before the watch and a
// supervisor may have answered anything.
std::optional<bool> DenialBook::Confirmed(const whittle_candidate_key& key, const whittle_candidate& value,
                                          const RefusedCall& refused) const {
  if (value.verdict_known != 0) {
    const bool unsure =
        key.kind == WHITTLE_REFUSED_UNSURE && refused.judgement.action == profile::Action::kNotify;
    return unsure ? std::nullopt : std::optional(true);
  }
  return NeedsConfirmation(key.kind) && confirm_ ? confirm_(refused.tid, refused.call) : std::nullopt;
}

DenialBook::Answer DenialBook::Take(const whittle_candidate_key& key, const whittle_candidate& value) {
  if (value.count == 0) return Answer::kNothingNew;  // just being made
  const Key id = IdOf(key);
  if (const auto known = denials_.find(id); known != denials_.end()) {
    if (known->second.count == value.count) {
      known->second.next = NextCallsOf(value);
      return Answer::kNothingNew;
    }
    Update(known->second, value);
    return Answer::kDenied;
  }
  RefusedCall refused = ToRefusedCall(key, value);
  const auto confirmed = Confirmed(key, value, refused);
  if (confirmed == false) return Answer::kDismissed;
  if (!confirmed && key.kind == WHITTLE_REFUSED_UNSURE) {
    uint64_t& seen = unsure_seen_[id];
    if (seen == value.count) return Answer::kNothingNew;
    unsure_ += value.count - std::exchange(seen, value.count);
    return Answer::kUnsure;
  }
  Update(refused, value);
  denials_.emplace(id, std::move(refused));
  return Answer::kDenied;
}

void DenialBook::SetStack(const whittle_candidate_key& key, std::vector<symbols::Frame> stack) {
  if (const auto known = denials_.find(IdOf(key)); known != denials_.end()) {
    known->second.stack = std::move(stack);
  }
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
