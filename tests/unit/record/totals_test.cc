#include "record/totals.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "shared.h"

namespace whittle::record {
namespace {

using When = Totals::When;
constexpr uint32_t kSlot = 7;

TEST(CallOfBit, GivesNumbersOfEachRow) {
  EXPECT_EQ(CallOfBit(WHITTLE_ROW_X86_64, 39), (SeenCall{Abi::kX86_64, 39}));
  EXPECT_EQ(CallOfBit(WHITTLE_ROW_I386, 313), (SeenCall{Abi::kI386, 313}));
  EXPECT_EQ(CallOfBit(WHITTLE_ROW_X32, 520), (SeenCall{Abi::kX32, 520 | kX32Bit}));
}

TEST(CallOfBit, GivesSeccompAndPrctlOfTheControlRow) {
  EXPECT_EQ(CallOfBit(WHITTLE_ROW_CONTROL, 0), (SeenCall{Abi::kX86_64, 317}));
  EXPECT_EQ(CallOfBit(WHITTLE_ROW_CONTROL, 1), (SeenCall{Abi::kX86_64, 157}));
  EXPECT_EQ(CallOfBit(WHITTLE_ROW_CONTROL, 2), (SeenCall{Abi::kI386, 354}));
  EXPECT_EQ(CallOfBit(WHITTLE_ROW_CONTROL, 3), (SeenCall{Abi::kI386, 172}));
  EXPECT_EQ(CallOfBit(WHITTLE_ROW_CONTROL, 4), (SeenCall{Abi::kX32, 317 | kX32Bit}));
  EXPECT_EQ(CallOfBit(WHITTLE_ROW_CONTROL, 6).number, 0xffffffff);
}

TEST(CallOfBit, GivesCloneAndItsFlagsOfTheControlRow) {
  using evidence::CloneFlags;
  constexpr auto kAllowed = evidence::Fate::kAllowed;
  constexpr uint32_t kFirst = WHITTLE_CLONE_BITS;
  const auto at = [&](uint32_t row, uint32_t kind) {
    return CallOfBit(WHITTLE_ROW_CONTROL, kFirst + 8 * row + kind);
  };
  EXPECT_EQ(at(WHITTLE_ROW_X86_64, WHITTLE_CLONE_PLAIN),
            (SeenCall{Abi::kX86_64, 56, kAllowed, CloneFlags::kOrdinary}));
  EXPECT_EQ(at(WHITTLE_ROW_I386, WHITTLE_CLONE_NAMESPACES),
            (SeenCall{Abi::kI386, 120, kAllowed, CloneFlags::kNamespaces}));
  EXPECT_EQ(at(WHITTLE_ROW_X32, WHITTLE_CLONE3_PLAIN),
            (SeenCall{Abi::kX32, 435 | kX32Bit, kAllowed, CloneFlags::kOrdinary}));
  EXPECT_EQ(at(WHITTLE_ROW_X86_64, WHITTLE_CLONE3_NAMESPACES),
            (SeenCall{Abi::kX86_64, 435, kAllowed, CloneFlags::kNamespaces}));
  EXPECT_EQ(at(WHITTLE_ROW_X86_64, WHITTLE_CLONE3_ONLY),
            (SeenCall{Abi::kX86_64, 435, kAllowed, CloneFlags::kOnlyClone3}));
  EXPECT_EQ(at(WHITTLE_ROW_X86_64, WHITTLE_CLONE3_UNREAD),
            (SeenCall{Abi::kX86_64, 435, kAllowed, CloneFlags::kUnknown}));
  EXPECT_EQ(at(WHITTLE_ROW_X86_64, WHITTLE_CLONES).number, 0xffffffff);
  EXPECT_EQ(at(WHITTLE_ROW_CONTROL, WHITTLE_CLONE_PLAIN).number, 0xffffffff);
}

TEST(Totals, KeepsTheEpochsInWhichACallWasSeen) {
  Totals totals(1000);
  totals.AddWord(kSlot, WHITTLE_ROW_X86_64, 0, 1 << 3, When::kNow);
  totals.EndEpoch();
  totals.EndEpoch();
  totals.AddWord(kSlot, WHITTLE_ROW_X86_64, 0, 1 << 3 | 1 << 4, When::kNow);
  const auto& calls = totals.calls().at(kSlot);
  EXPECT_EQ(calls.at({Abi::kX86_64, 3}).Set().Text(), "0,2");
  EXPECT_EQ(calls.at({Abi::kX86_64, 4}).Set().Text(), "2");
  EXPECT_EQ(calls.size(), 2u);
}

TEST(Totals, PutsWhatCameLateIntoTheEpochBefore) {
  Totals totals(1000);
  totals.Add(kSlot, {Abi::kX86_64, 1}, When::kBefore);  // there is none before the first
  totals.EndEpoch();
  totals.Add(kSlot, {Abi::kX86_64, 2}, When::kBefore);
  EXPECT_EQ(totals.calls().at(kSlot).at({Abi::kX86_64, 1}).Set().Text(), "0");
  EXPECT_EQ(totals.calls().at(kSlot).at({Abi::kX86_64, 2}).Set().Text(), "0");
}

TEST(Totals, DoublesTheEpochWhenThereAreTooMany) {
  Totals totals(1000);
  totals.Add(kSlot, {Abi::kX86_64, 1}, When::kNow);
  for (uint32_t i = 0; i + 1 < kMaxEpochs; i++) totals.EndEpoch();
  EXPECT_EQ(totals.epoch(), kMaxEpochs - 1);
  totals.Add(kSlot, {Abi::kX86_64, 1}, When::kNow);
  totals.EndEpoch();
  EXPECT_EQ(totals.epoch(), kMaxEpochs / 2);
  EXPECT_EQ(totals.epoch_ms(), 2000);
  EXPECT_EQ(totals.calls().at(kSlot).at({Abi::kX86_64, 1}).Set().Text(), "0,511");
}

TEST(Totals, KeepsRetiredCallsUnderTheirSubjectsName) {
  Totals totals(1000);
  const SlotSubject who{{"web", "/bin/a", evidence::Arrival::kWorkload}, false};
  totals.Add(kSlot, {Abi::kX86_64, 1}, When::kNow);
  totals.Retire(kSlot, who);
  EXPECT_TRUE(totals.calls().empty());
  totals.EndEpoch();
  // The slot is another's now, and then one more of the same name's.
  totals.Add(kSlot, {Abi::kX86_64, 9}, When::kNow);
  totals.Forget(kSlot);
  totals.Add(kSlot, {Abi::kX86_64, 1}, When::kNow);
  totals.Add(kSlot, {Abi::kX86_64, 2}, When::kNow);
  totals.Retire(kSlot, who);
  const auto& calls = totals.retired().at(who);
  EXPECT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls.at({Abi::kX86_64, 1}).Set().Text(), "0-1");
  for (uint32_t i = 1; i < kMaxEpochs; i++) totals.EndEpoch();
  EXPECT_EQ(totals.epoch_ms(), 2000);
  EXPECT_EQ(calls.at({Abi::kX86_64, 1}).Set().Text(), "0") << "they are folded with the others";
}

TEST(EpochBits, GivesRangesAcrossWords) {
  EpochBits bits;
  for (uint32_t epoch = 60; epoch < 200; epoch++) bits.Set(epoch);
  bits.Set(0);
  bits.Set(kMaxEpochs - 1);
  EXPECT_EQ(bits.Set().Text(), "0,60-199,1023");
}

// Against a plain model: a set of (call, moment).
TEST(Totals, LosesNothingOverADayOfRandomEpochs) {
  std::mt19937 random(3);
  Totals totals(1000);
  std::map<uint32_t, std::set<uint32_t>> moments;  // number -> turns
  int64_t epoch_began = 0;
  int64_t turn = 0;  // a second each
  for (; turn < 90'000; turn++) {
    if ((turn - epoch_began) * 1000 >= totals.epoch_ms()) {
      totals.EndEpoch();
      epoch_began = turn;
    }
    ASSERT_LT(totals.epoch(), kMaxEpochs);
    if (random() % 50 == 0) {
      const uint32_t number = random() % 300;
      totals.AddWord(kSlot, WHITTLE_ROW_X86_64, number / 64, uint64_t{1} << (number % 64), When::kNow);
      moments[number].insert(static_cast<uint32_t>(turn));
    }
  }
  const auto scale = static_cast<uint32_t>(totals.epoch_ms() / 1000);
  EXPECT_EQ(totals.epoch(), turn / scale);
  for (const auto& [number, turns] : moments) {
    evidence::EpochSet expected;
    for (const uint32_t seen : turns) expected.Add(seen / scale);
    EXPECT_EQ(totals.calls().at(kSlot).at({Abi::kX86_64, number}).Set(), expected) << number;
  }
}

TEST(AddToEvidence, KeepsTheSameCallWithAndWithoutFilterApart) {
  Totals totals(1000);
  totals.Add(2, {Abi::kX86_64, 1}, When::kNow);
  totals.Add(3, {Abi::kX86_64, 1}, When::kNow);
  totals.Add(3, {Abi::kX86_64, 2, evidence::Fate::kDenied}, When::kNow);
  const evidence::Subject subject{"web", "/bin/a", evidence::Arrival::kWorkload};
  evidence::Evidence evidence;
  AddToEvidence(evidence, "r", {subject, false}, totals.calls().at(2));
  AddToEvidence(evidence, "r", {subject, true}, totals.calls().at(3));
  ASSERT_EQ(evidence.subjects.size(), 1u);
  const auto& calls = evidence.subjects.at(subject);
  EXPECT_EQ(calls.size(), 3u);
  EXPECT_TRUE(calls.contains({Abi::kX86_64, 1, evidence::Fate::kAllowed, false}));
  EXPECT_TRUE(calls.contains({Abi::kX86_64, 1, evidence::Fate::kAllowed, true}));
  EXPECT_TRUE(calls.contains({Abi::kX86_64, 2, evidence::Fate::kDenied, true}));
}

}  // namespace
}  // namespace whittle::record
