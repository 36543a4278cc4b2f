#include "kept/keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace whittle::kept {
namespace {

using container::SeenLife;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kStart = 100'000;
const std::string kId(64, 'a');

SeenLife Web(size_t index = 0) {
  SeenLife seen;
  seen.life = index;
  seen.container_id = kId;
  seen.facts = {"web", "container web", "nginx", "docker 20.10.24", "runc 1.1.5"};
  seen.started_ms = kStart + static_cast<int64_t>(index);
  seen.from_start = true;
  seen.cgroups = {record::CgroupKey{17 + index}};
  return seen;
}

record::Denial Denied(uint32_t number, uint64_t count, int64_t last_ms) {
  record::Denial denial;
  denial.subject = {"web", "/bin/web", evidence::Arrival::kWorkload};
  denial.call.number = number;
  denial.errno_value = 1;
  denial.count = count;
  denial.first_ms = kStart;
  denial.last_ms = last_ms;
  return denial;
}

void See(SeenLife& seen, uint32_t number, evidence::Arrival arrival = evidence::Arrival::kWorkload) {
  seen.evidence.subjects[{"web", "/bin/web", arrival}][{Abi::kX86_64, number}].epochs["r"].Add(0);
}

class KeeperTest : public ::testing::Test {
 protected:
  KeeperTest() { std::filesystem::remove_all(folder_); }
  ~KeeperTest() override {
    chmod(folder_.c_str(), 0700);
    std::filesystem::remove_all(folder_);
  }
  Keeper Open() {
    auto keeper = Keeper::Open(folder_);
    EXPECT_TRUE(keeper) << keeper.error().message;
    return std::move(*keeper);
  }
  Life Latest() const {
    const auto found = Find(folder_, "web");
    EXPECT_TRUE(found && *found);
    return found && *found ? (*found)->life : Life{};
  }

  const std::string folder_ = ::testing::TempDir() + "whittle-keeper-" + std::to_string(getpid());
};

TEST_F(KeeperTest, WritesAtOnceThenNotMoreThanOnceInTwoSecondsAndAtTheEnd) {
  auto keeper = Open();
  SeenLife seen = Web();
  EXPECT_THAT(keeper.Take({seen}, kStart), IsEmpty());
  EXPECT_TRUE(Latest().from_start);
  EXPECT_THAT(Latest().refused, IsEmpty());
  seen.denials = {Denied(83, 1, kStart + 10)};
  keeper.Take({seen}, kStart + 1000);
  EXPECT_THAT(Latest().refused, IsEmpty());
  EXPECT_TRUE(keeper.waits());
  keeper.Take({seen}, kStart + 2000);
  ASSERT_EQ(Latest().refused.size(), 1u);
  EXPECT_EQ(Latest().refused[0].call, "mkdir");
  EXPECT_FALSE(keeper.waits());

  seen.denials[0].count = 7;
  seen.ended = true;
  EXPECT_THAT(keeper.Take({seen}, kStart + 2100), ElementsAre(0u));
  EXPECT_EQ(Latest().refused[0].count, 7u);
  EXPECT_EQ(Latest().updated_ms, kStart + 2100);
  EXPECT_TRUE(Latest().ended);
}

TEST_F(KeeperTest, WhatIsStillBeingAskedIsWaitedFor) {
  auto keeper = Open();
  SeenLife seen = Web();
  seen.ended = true;
  seen.settled = false;
  seen.facts.runtime = "";
  EXPECT_THAT(keeper.Take({seen}, kStart), IsEmpty());
  seen.settled = true;
  seen.facts.runtime = "runc 1.1.5";
  EXPECT_THAT(keeper.Take({seen}, kStart + 100), ElementsAre(0u));
  EXPECT_EQ(Latest().runtime, "runc 1.1.5");
}

TEST_F(KeeperTest, EqualRefusalsAreOneAndLoggedCallsAreNone) {
  auto keeper = Open();
  SeenLife seen = Web();
  seen.denials = {Denied(83, 2, kStart + 10), Denied(83, 3, kStart + 20), Denied(84, 1, kStart + 5),
                  Denied(85, 1, kStart)};
  seen.denials[1].call.arguments[1] = 7;
  seen.denials[3].fate = evidence::Fate::kLogged;
  keeper.Take({seen}, kStart + 50);
  const auto refused = Latest().refused;
  ASSERT_EQ(refused.size(), 2u);
  EXPECT_EQ(refused[0].call, "rmdir");
  EXPECT_EQ(refused[1].count, 5u);
  EXPECT_EQ(refused[1].last_ms, kStart + 20);
}

TEST_F(KeeperTest, TheRingHoldsTheNewestKindsAndCountsTheOthers) {
  auto keeper = Open();
  SeenLife seen = Web();
  for (uint32_t i = 0; i < 257; i++) seen.denials.push_back(Denied(5000 + i, 1, kStart + i));
  keeper.Take({seen}, kStart + 500);
  EXPECT_EQ(Latest().refused.size(), 256u);
  EXPECT_EQ(Latest().dropped, 1u);
  EXPECT_EQ(Latest().refused.front().call, "#5001");
}

TEST_F(KeeperTest, FirstSeenCallsAreThoseOfTheWorkloadEachOnce) {
  auto keeper = Open();
  SeenLife seen = Web();
  See(seen, 0);
  See(seen, 59, evidence::Arrival::kArrived);
  keeper.Take({seen}, kStart + 100);
  See(seen, 1);
  keeper.Take({seen}, kStart + 3000);
  const auto first = Latest().first_seen;
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].call, "read");
  EXPECT_EQ(first[0].ms, kStart + 100);
  EXPECT_EQ(first[1].call, "write");
  EXPECT_EQ(first[1].ms, kStart + 3000);
  for (uint32_t i = 0; i < 300; i++) See(seen, 5000 + i);
  keeper.Take({seen}, kStart + 6000);
  EXPECT_EQ(Latest().first_seen.size(), 256u);
  EXPECT_EQ(Latest().first_seen.back().call, "#5299");
}

TEST_F(KeeperTest, AGapOfTheRunIsALifesOnlyIfItCameOrGrewSince) {
  auto keeper = Open();
  SeenLife first = Web(0);
  first.evidence.gaps = {{"r.1", "reader-stopped", "nobody read", 6}};
  keeper.Take({first}, kStart + 10);
  EXPECT_THAT(Latest().gaps, ElementsAre("nobody read (6)"));

  SeenLife second = Web(1);
  second.started_ms = kStart + 5000;
  second.evidence.gaps = first.evidence.gaps;
  keeper.Take({first, second}, kStart + 5000);
  EXPECT_THAT(Latest().gaps, IsEmpty());
  second.evidence.gaps = {{"r.2", "reader-stopped", "nobody read", 9}};
  keeper.Take({first, second}, kStart + 8000);
  EXPECT_THAT(Latest().gaps, ElementsAre("nobody read (9)"));
}

TEST_F(KeeperTest, AStartThatWasNotSeenIsAGapUnlessARefusalStoppedIt) {
  auto keeper = Open();
  for (size_t i = 0; i < 2; i++) {
    SeenLife seen = Web(i);
    seen.evidence.gaps = {{"r", "start-unseen", "its start was not seen", 0}};
    keeper.Take({seen}, kStart + 9000);
    EXPECT_THAT(Latest().gaps, ElementsAre("its start was not seen"));
    seen.denials = {Denied(126, 1, kStart + 10)};
    seen.denials[0].subject.arrival = evidence::Arrival::kArrived;
    keeper.Take({seen}, kStart + 19'000);
    EXPECT_THAT(Latest().gaps, IsEmpty());
    See(seen, 0);  // then it began, after all
    keeper.Take({seen}, kStart + 29'000);
    EXPECT_THAT(Latest().gaps, ElementsAre("its start was not seen"));
  }
}

TEST_F(KeeperTest, GoesOnWithTheFileOfOneThatWasKilled) {
  SeenLife seen = Web();
  seen.denials = {Denied(83, 2, kStart + 10)};
  See(seen, 0);
  {
    Open().Take({seen}, kStart + 20);
  }  // killed
  SeenLife late = Web();
  late.from_start = false;
  late.started_ms = kStart + 60'000;
  late.cgroups.insert(record::CgroupKey{99});
  late.denials = {Denied(83, 1, kStart + 61'000), Denied(84, 1, kStart + 61'000)};
  late.denials[0].first_ms = kStart + 61'000;
  late.evidence.gaps = {{"r.1", "late-attach", "it was running already", 0}};
  See(late, 0);
  See(late, 1);
  auto keeper = Open();
  keeper.Take({late}, kStart + 62'000);
  const auto life = Latest();
  EXPECT_EQ(life.started_ms, kStart);
  EXPECT_TRUE(life.from_start);
  ASSERT_EQ(life.refused.size(), 2u);
  EXPECT_EQ(life.refused[0].count, 3u);
  EXPECT_EQ(life.refused[0].first_ms, kStart);
  ASSERT_EQ(life.first_seen.size(), 2u);
  EXPECT_EQ(life.first_seen[1].call, "write");
  ASSERT_EQ(life.gaps.size(), 1u);
  EXPECT_THAT(life.gaps[0],
              HasSubstr("nobody watched from 1970-01-01T00:01:40.020Z to 1970-01-01T00:02:40.000Z"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(KeeperTest, TheLastTimeSaysHowFarItCoversALifeThatGoesOn) {
  auto keeper = Open();
  keeper.Take({Web()}, kStart);
  keeper.Take({Web()}, kStart + 1500, Keeper::When::kLastTime);
  EXPECT_EQ(Latest().updated_ms, kStart + 1500);
  EXPECT_FALSE(Latest().ended);
}

TEST_F(KeeperTest, WhatCannotBeWrittenIsTriedAgainAndLostOnlyWhereTheStoreWouldNotHoldIt) {
  auto keeper = Open();
  // Root may write anywhere, so the folder itself goes.
  ASSERT_EQ(rename(folder_.c_str(), (folder_ + "-away").c_str()), 0);
  SeenLife seen = Web();
  seen.ended = true;
  EXPECT_THAT(keeper.Take({seen}, kStart), IsEmpty());
  ASSERT_TRUE(keeper.trouble());
  EXPECT_THAT(keeper.trouble()->message, HasSubstr(kId));
  EXPECT_TRUE(keeper.waits());
  ASSERT_EQ(rename((folder_ + "-away").c_str(), folder_.c_str()), 0);
  EXPECT_THAT(keeper.Take({seen}, kStart + 10), ElementsAre(0u));
  EXPECT_FALSE(keeper.trouble());
  EXPECT_TRUE(Latest().ended);

  ASSERT_EQ(rename(folder_.c_str(), (folder_ + "-away").c_str()), 0);
  std::vector<SeenLife> many;
  for (size_t i = 1; i <= 1001; i++) many.push_back(Web(i));
  for (auto& life : many) life.ended = true;
  EXPECT_THAT(keeper.Take(many, kStart + 20), ElementsAre(1u));
  EXPECT_EQ(keeper.lost(), 1u);
  ASSERT_EQ(rename((folder_ + "-away").c_str(), folder_.c_str()), 0);
}

}  // namespace
}  // namespace whittle::kept
