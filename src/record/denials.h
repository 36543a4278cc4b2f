// Candidates of the denial watch become denials, or are dismissed. Pure but for the caller's question; not
// thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "evidence/evidence.h"
#include "filter/program.h"
#include "record/recorder.h"
#include "shared.h"

namespace whittle::record {

// What became of the calls of a kind (enum whittle_candidate_kind).
evidence::Fate FateOfCandidate(uint32_t kind);

// Refused calls of one slot that count as one: see whittle_candidate_key.
struct RefusedCall {
  uint32_t slot = 0;
  filter::Call call;  // arguments as first seen
  Judgement judgement;
  evidence::Fate fate = evidence::Fate::kDenied;
  Refusal refusal = Refusal::kError;
  int32_t result = 0;  // what the caller got: -errno, or the value of an answered notification; 0 for signals
  uint64_t count = 0;
  std::string command;
  pid_t pid = 0;
  pid_t tid = 0;
  uint64_t first_ns = 0;  // CLOCK_MONOTONIC
  uint64_t last_ns = 0;
  std::vector<NextCall> next;
  std::vector<symbols::Frame> stack;
};

// Denials that a person would call the same (equal subject, call, outcome, filter, and values where the
// filters looked) become one: the kernel side may have them in several places. The first one's thread and
// stack stay.
std::vector<Denial> Joined(std::vector<Denial> denials);

class DenialBook {
 public:
  explicit DenialBook(ConfirmDenial confirm) : confirm_(std::move(confirm)) {}

  // What became of a candidate that grew.
  enum class Answer {
    kNothingNew,
    kDenied,     // it is in the book, with its new count
    kDismissed,  // no filter refuses it: take it out of the kernel's map, so that the next one is judged
                 // afresh
    kUnsure,     // it may have begun before the watch and nobody can tell: a gap
  };
  Answer Take(const whittle_candidate_key& key, const whittle_candidate& value);
  // Who made the first call of that kind, once it is known.
  void SetStack(const whittle_candidate_key& key, std::vector<symbols::Frame> stack);
  // The slot will be another subject's.
  void Forget(uint32_t slot);

  std::vector<RefusedCall> All() const;
  uint64_t unsure() const { return unsure_; }

 private:
  using Key = std::tuple<uint32_t, uint32_t, uint32_t, uint32_t, int32_t, uint64_t, uint64_t>;

  static Key IdOf(const whittle_candidate_key& key);
  std::optional<bool> Confirmed(const whittle_candidate_key& key, const whittle_candidate& value,
                                const RefusedCall& refused) const;

  ConfirmDenial confirm_;
  std::map<Key, RefusedCall> denials_;
  std::map<Key, uint64_t> unsure_seen_;
  uint64_t unsure_ = 0;
};

}  // namespace whittle::record
