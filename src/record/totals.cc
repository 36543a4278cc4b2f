#include "record/totals.h"

#include <bit>

#include "shared.h"

namespace whittle::record {

void EpochBits::Union(const EpochBits& other) {
  for (size_t i = 0; i < words_.size(); i++) words_[i] |= other.words_[i];
}

void EpochBits::Fold() {
  const EpochBits old = *this;
  words_ = {};
  for (uint32_t epoch = 0; epoch < kMaxEpochs; epoch++) {
    if (old.Test(epoch)) Set(epoch / 2);
  }
}

evidence::EpochSet EpochBits::Set() const {
  evidence::EpochSet set;
  for (size_t i = 0; i < words_.size(); i++) {
    const auto base = static_cast<uint32_t>(i * 64);
    for (uint64_t left = words_[i]; left != 0;) {
      const auto first = static_cast<uint32_t>(std::countr_zero(left));
      const auto length = static_cast<uint32_t>(std::countr_one(left >> first));
      set.Add(base + first, base + first + length - 1);
      left &= length == 64 ? 0 : ~(((uint64_t{1} << length) - 1) << first);
    }
  }
  return set;
}

Abi AbiOfRow(uint32_t row) {
  if (row == WHITTLE_ROW_I386) return Abi::kI386;
  return row == WHITTLE_ROW_X32 ? Abi::kX32 : Abi::kX86_64;
}

namespace {

constexpr uint32_t kNoCall = 0xffffffff;

// seccomp and prctl, in the order of the control row's bits.
constexpr uint32_t kControl[][2] = {{317, 157}, {354, 172}, {317, 157}};

constexpr uint32_t kClone[] = {56, 120, 56};
constexpr uint32_t kClone3 = 435;

using evidence::CloneFlags;
// In the order of enum whittle_clone.
constexpr CloneFlags kCloneFlags[] = {CloneFlags::kOrdinary,   CloneFlags::kNamespaces, CloneFlags::kOrdinary,
                                      CloneFlags::kNamespaces, CloneFlags::kOnlyClone3, CloneFlags::kUnknown};
static_assert(std::size(kCloneFlags) == WHITTLE_CLONES);

SeenCall CloneOfBit(uint32_t bit) {
  const uint32_t row = bit / 8;
  const uint32_t kind = bit % 8;
  if (row >= std::size(kClone) || kind >= WHITTLE_CLONES) return {Abi::kX86_64, kNoCall};
  const uint32_t number = kind < WHITTLE_CLONE3_PLAIN ? kClone[row] : kClone3;
  return {AbiOfRow(row), number | AbiBit(AbiOfRow(row)), evidence::Fate::kAllowed, kCloneFlags[kind]};
}

}  // namespace

SeenCall CallOfBit(uint32_t row, uint32_t bit) {
  if (row != WHITTLE_ROW_CONTROL) return {AbiOfRow(row), bit | AbiBit(AbiOfRow(row))};
  if (bit >= WHITTLE_CLONE_BITS) return CloneOfBit(bit - WHITTLE_CLONE_BITS);
  if (bit >= 2 * std::size(kControl)) return {Abi::kX86_64, kNoCall};
  return {AbiOfRow(bit / 2), kControl[bit / 2][bit % 2] | AbiBit(AbiOfRow(bit / 2))};
}

void Totals::AddWord(uint32_t slot, uint32_t row, uint32_t index, uint64_t bits, When when) {
  for (; bits != 0; bits &= bits - 1) {
    Add(slot, CallOfBit(row, index * 64 + static_cast<uint32_t>(std::countr_zero(bits))), when);
  }
}

void Totals::Add(uint32_t slot, const SeenCall& call, When when) {
  const auto [epochs, is_new] = calls_[slot].try_emplace(call);
  epochs->second.Set(when == When::kBefore && epoch_ > 0 ? epoch_ - 1 : epoch_);
  if (is_new) news_++;
}

void Totals::EndEpoch() {
  epoch_++;
  if (epoch_ == kMaxEpochs) Coarsen();
}

void Totals::Retire(uint32_t slot, const SlotSubject& who) {
  const auto calls = calls_.find(slot);
  if (calls == calls_.end()) return;
  auto& kept = retired_[who];
  for (const auto& [call, epochs] : calls->second) kept[call].Union(epochs);
  calls_.erase(calls);
}

void Totals::ForgetRetired(const std::string& container) {
  std::erase_if(retired_, [&](const auto& entry) { return entry.first.subject.container == container; });
}

void Totals::Coarsen() {
  const auto fold = [](auto& subjects) {
    for (auto& [who, calls] : subjects) {
      for (auto& [call, epochs] : calls) epochs.Fold();
    }
  };
  fold(calls_);
  fold(retired_);
  epoch_ /= 2;
  epoch_ms_ *= 2;
}

void AddToEvidence(evidence::Evidence& evidence, const std::string& recording, const SlotSubject& who,
                   const Totals::Calls& calls) {
  auto& observations = evidence.subjects[who.subject];
  for (const auto& [call, epochs] : calls) {
    const bool under_filter = who.under_filter || call.fate != evidence::Fate::kAllowed;
    observations[{call.abi, call.number, call.fate, under_filter, call.clone_flags}].epochs[recording].Union(
        epochs.Set());
  }
}

}  // namespace whittle::record
