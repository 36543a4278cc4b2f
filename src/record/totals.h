// What was counted: bitmaps of calls by slot and epoch, added up and turned into evidence. Pure; not thread
// safe.
//
// Invariants: an added call is never lost again; the number of epochs stays below kMaxEpochs, whatever the
// recording's length: when it is reached, two epochs become one and an epoch is twice as long from then on.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>

#include "evidence/evidence.h"
#include "syscalls/abi.h"

namespace whittle::record {

inline constexpr uint32_t kMaxEpochs = 1024;

// A set of epochs below kMaxEpochs.
class EpochBits {
 public:
  void Set(uint32_t epoch) { words_[epoch / 64] |= uint64_t{1} << (epoch % 64); }
  bool Test(uint32_t epoch) const { return (words_[epoch / 64] >> (epoch % 64) & 1) != 0; }
  void Union(const EpochBits& other);
  // Epochs 2n and 2n+1 become epoch n.
  void Fold();
  evidence::EpochSet Set() const;

 private:
  std::array<uint64_t, kMaxEpochs / 64> words_{};
};

struct SeenCall {
  Abi abi = Abi::kX86_64;
  uint32_t number = 0;  // x32: with bit 30
  evidence::Fate fate = evidence::Fate::kAllowed;
  evidence::CloneFlags clone_flags = evidence::CloneFlags::kUnknown;
  auto operator<=>(const SeenCall&) const = default;
};

// Which call a bit of the recorder's bitmaps (bpf/shared.h) stands for. `row` is below WHITTLE_ROWS, `bit`
// below WHITTLE_NUMBERS; a bit of the control row that stands for nothing gives number 0xffffffff.
SeenCall CallOfBit(uint32_t row, uint32_t bit);
// The ABI of a row that holds numbers.
Abi AbiOfRow(uint32_t row);

// Who a slot is.
struct SlotSubject {
  evidence::Subject subject;
  bool under_filter = false;
  auto operator<=>(const SlotSubject&) const = default;
};

class Totals {
 public:
  explicit Totals(int64_t epoch_ms) : epoch_ms_(epoch_ms) {}

  // In the running epoch, or in the one before it (bits that came late). Word `index` of a bitmap's row.
  enum class When { kNow, kBefore };
  void AddWord(uint32_t slot, uint32_t row, uint32_t index, uint64_t bits, When when);
  void Add(uint32_t slot, const SeenCall& call, When when);
  // How many calls of slots were seen that had not been seen of them before.
  uint64_t news() const { return news_; }
  void EndEpoch();
  // Forgets all calls of the slot.
  void Forget(uint32_t slot) { calls_.erase(slot); }
  // The slot will be another's: its calls are kept under the subject's own name.
  void Retire(uint32_t slot, const SlotSubject& who);
  // What is kept under subjects of that container.
  void ForgetRetired(const std::string& container);

  uint32_t epoch() const { return epoch_; }  // the running one; as many are finished
  int64_t epoch_ms() const { return epoch_ms_; }
  using Calls = std::map<SeenCall, EpochBits>;
  const std::map<uint32_t, Calls>& calls() const { return calls_; }
  const std::map<SlotSubject, Calls>& retired() const { return retired_; }

 private:
  void Coarsen();

  std::map<uint32_t, Calls> calls_;
  std::map<SlotSubject, Calls> retired_;
  uint64_t news_ = 0;
  uint32_t epoch_ = 0;
  int64_t epoch_ms_;
};

// Adds the calls of one subject to evidence, under the recording's id.
void AddToEvidence(evidence::Evidence& evidence, const std::string& recording, const SlotSubject& who,
                   const Totals::Calls& calls);

}  // namespace whittle::record
