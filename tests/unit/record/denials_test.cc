#include "record/denials.h"

#include <gtest/gtest.h>

namespace whittle::record {
namespace {

using Answer = DenialBook::Answer;

whittle_candidate_key Key(uint32_t kind, int32_t result = -1) {
  whittle_candidate_key key{};
  key.slot = 5;
  key.row = WHITTLE_ROW_I386;
  key.number = 20;
  key.kind = kind;
  key.result = result;
  return key;
}

whittle_candidate Value(uint64_t count) {
  whittle_candidate value{};
  value.count = count;
  value.arguments[0] = 42;
  value.tid = 1234;
  const char command[] = "worker";
  std::copy(command, command + sizeof(command), value.comm);
  return value;
}

ConfirmDenial Always(std::optional<bool> answer) {
  return [answer](pid_t, const filter::Call&) { return answer; };
}

TEST(DenialBook, KeepsWhatItNeedsToNameARefusedCall) {
  DenialBook book(nullptr);
  EXPECT_EQ(book.Take(Key(WHITTLE_REFUSED), Value(3)), Answer::kDenied);
  ASSERT_EQ(book.All().size(), 1u);
  const RefusedCall refused = book.All().front();
  EXPECT_EQ(refused.slot, 5u);
  EXPECT_EQ(refused.call.abi, Abi::kI386);
  EXPECT_EQ(refused.call.number, 20u);
  EXPECT_EQ(refused.call.arguments[0], 42u);
  EXPECT_EQ(refused.result, -1);
  EXPECT_EQ(refused.count, 3u);
  EXPECT_EQ(refused.command, "worker");
  EXPECT_EQ(refused.tid, 1234);
  EXPECT_EQ(refused.fate, evidence::Fate::kDenied);
}

TEST(DenialBook, CountsOnAndNoticesWhenNothingChanged) {
  DenialBook book(nullptr);
  book.Take(Key(WHITTLE_REFUSED), Value(3));
  EXPECT_EQ(book.Take(Key(WHITTLE_REFUSED), Value(3)), Answer::kNothingNew);
  EXPECT_EQ(book.Take(Key(WHITTLE_REFUSED), Value(10)), Answer::kDenied);
  EXPECT_EQ(book.All().front().count, 10u);
}

TEST(DenialBook, DismissesWhatNoFilterRefuses) {
  DenialBook book(Always(false));
  EXPECT_EQ(book.Take(Key(WHITTLE_REFUSED), Value(1)), Answer::kDismissed);
  EXPECT_TRUE(book.All().empty());
}

TEST(DenialBook, ASignalOfSeccompsNeedsNoConfirmation) {
  DenialBook book(Always(false));
  EXPECT_EQ(book.Take(Key(WHITTLE_KILLED, 0), Value(1)), Answer::kDenied);
  EXPECT_EQ(book.Take(Key(WHITTLE_KILLED_THREAD, 0), Value(1)), Answer::kDenied);
  for (const auto& refused : book.All()) EXPECT_EQ(refused.fate, evidence::Fate::kKilled);
  EXPECT_EQ(book.Take(Key(WHITTLE_TRAPPED, 0), Value(1)), Answer::kDenied);
}

TEST(DenialBook, WhatMayHaveBegunBeforeTheWatchCountsOnlyIfConfirmed) {
  DenialBook sure(Always(true));
  EXPECT_EQ(sure.Take(Key(WHITTLE_REFUSED_UNSURE), Value(1)), Answer::kDenied);
  for (const auto& confirm : {ConfirmDenial(), Always(std::nullopt)}) {
    DenialBook book(confirm);
    EXPECT_EQ(book.Take(Key(WHITTLE_REFUSED_UNSURE), Value(2)), Answer::kUnsure);
    EXPECT_EQ(book.Take(Key(WHITTLE_REFUSED_UNSURE), Value(2)), Answer::kNothingNew);
    EXPECT_EQ(book.Take(Key(WHITTLE_REFUSED_UNSURE), Value(5)), Answer::kUnsure);
    EXPECT_EQ(book.unsure(), 5u);
    EXPECT_TRUE(book.All().empty());
  }
}

TEST(DenialBook, CountsAfreshInASlotThatIsAnothers) {
  DenialBook book(nullptr);
  book.Take(Key(WHITTLE_REFUSED_UNSURE), Value(9));
  book.Forget(5);
  EXPECT_EQ(book.Take(Key(WHITTLE_REFUSED_UNSURE), Value(2)), Answer::kUnsure);
  EXPECT_EQ(book.unsure(), 11u);
}

TEST(DenialBook, ForgetsASlot) {
  DenialBook book(nullptr);
  book.Take(Key(WHITTLE_REFUSED), Value(1));
  book.Forget(4);
  EXPECT_EQ(book.All().size(), 1u);
  book.Forget(5);
  EXPECT_TRUE(book.All().empty());
}

}  // namespace
}  // namespace whittle::record
