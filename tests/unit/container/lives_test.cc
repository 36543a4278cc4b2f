#include "container/lives.h"

#include <gtest/gtest.h>

#include "record/cgroup.h"

namespace whittle::container {
namespace {

using evidence::Arrival;
using evidence::CallKey;
using evidence::Evidence;
using evidence::Subject;
using record::Cgroup;
using record::CgroupKey;

Cgroup V2(uint64_t id, const std::string& path) { return {CgroupKey{id}, path}; }
Cgroup V1(uint64_t id, const std::string& path) { return {CgroupKey{id | CgroupKey::kV1Tag}, path}; }

// What a recorder saw: ten epochs of one second.
Evidence TenSeconds() {
  Evidence run;
  auto& recording = run.recordings["r"];
  recording.source = "ebpf";
  recording.target = "image web";
  recording.exercised = {"start"};
  recording.started_ms = 100'000;
  recording.ended_ms = 109'500;
  recording.epoch_ms = 1000;
  recording.epochs = 10;
  return run;
}

void See(Evidence& run, const std::string& container, uint32_t call, uint32_t first, uint32_t last) {
  run.subjects[{container, "/bin/web", Arrival::kWorkload}][CallKey{Abi::kX86_64, call}].epochs["r"].Add(
      first, last);
}

// The runtime's, with which the container's first program begins.
void SeeStart(Evidence& run, const std::string& container, uint32_t epoch) {
  run.subjects[{container, "/usr/bin/runc", Arrival::kArrived}][CallKey{Abi::kX86_64, 59}].epochs["r"].Add(
      epoch);
}

const Subject kWeb{"web:1", "/bin/web", Arrival::kWorkload};

// Two replicas of one image; the first ran already, the second came and went.
Lives TwoReplicas() {
  Lives lives;
  lives.at(lives.Add(V2(1, "/docker/aa"), "aa", Beginning::kRanAlready)).facts = {
      "web:1", "image web, container a", "web:1", "docker 20.10.24", ""};
  lives.at(lives.Add(V2(2, "/docker/bb"), "bb", Beginning::kAtItsStart)).facts = {
      "web:1", "image web, container b", "web:1", "docker 20.10.24", "runc 1.1.5"};
  lives.Look([](const CgroupKey& key) { return key.id() != 2; });
  return lives;
}

TEST(LivesTest, CgroupsOfOneContainerInTwoHierarchiesAreOneLife) {
  Lives lives;
  EXPECT_EQ(lives.Add(V2(1, "/docker/aa"), "aa", Beginning::kAtItsStart), 0u);
  EXPECT_EQ(lives.Add(V1(1, "/docker/aa"), "aa", Beginning::kAtItsStart), 0u);
  EXPECT_EQ(lives.Add(V2(7, "/docker/aa/below"), "aa", Beginning::kAtItsStart), 0u);
  EXPECT_EQ(lives.Add(V2(2, "/docker/bb"), "bb", Beginning::kAtItsStart), 1u);
  EXPECT_TRUE(lives.Look([](const CgroupKey& key) { return key.v1(); }) == std::vector<size_t>{1});
  EXPECT_TRUE(lives.Runs("aa"));
  EXPECT_FALSE(lives.Runs("bb"));
}

TEST(LivesTest, ASecondCgroupAtTheSamePlaceIsTheNextStartWhetherOrNotTheEndWasSeen) {
  Lives lives;
  EXPECT_EQ(lives.Add(V2(1, "/docker/aa"), "aa", Beginning::kAtItsStart), 0u);
  EXPECT_EQ(lives.Add(V2(5, "/docker/aa"), "aa", Beginning::kAtItsStart), 1u);
  EXPECT_TRUE(lives.at(0).ended);
  EXPECT_TRUE(lives.Look([](const CgroupKey&) { return false; }) == std::vector<size_t>{1});
  EXPECT_EQ(lives.Add(V2(9, "/docker/aa"), "aa", Beginning::kAtItsStart), 2u);
}

TEST(LivesTest, EachLifeIsARecordingAndTheirSubjectsMerge) {
  Lives lives = TwoReplicas();
  Evidence run = TenSeconds();
  See(run, Lives::Label(0), 0, 0, 9);
  See(run, Lives::Label(1), 0, 4, 6);
  See(run, Lives::Label(1), 60, 6, 6);
  run.scripts[{Lives::Label(1), "/bin/web", Arrival::kWorkload}] = {"/start.sh"};
  const Evidence split = lives.Split(run, {"reload"});

  ASSERT_EQ(split.recordings.size(), 2u);
  ASSERT_EQ(split.subjects.size(), 1u);
  const auto& calls = split.subjects.at(kWeb);
  EXPECT_EQ(calls.at(CallKey{Abi::kX86_64, 0}).epochs.at("r.1").Text(), "0-9");
  EXPECT_EQ(calls.at(CallKey{Abi::kX86_64, 0}).epochs.at("r.2").Text(), "0-2");
  EXPECT_EQ(calls.at(CallKey{Abi::kX86_64, 60}).epochs.at("r.2").Text(), "2");
  EXPECT_EQ(split.scripts.at(kWeb), evidence::Scripts{"/start.sh"});

  const auto& first = split.recordings.at("r.1");
  EXPECT_EQ(first.exercised, std::set<std::string>{"reload"});
  EXPECT_EQ(first.epochs, 10u);
  EXPECT_EQ(first.ended_ms, 109'500);
  const auto& second = split.recordings.at("r.2");
  EXPECT_EQ(second.exercised, (std::set<std::string>{"reload", "shutdown", "start"}));
  EXPECT_EQ(second.target, "image web, container b");
  EXPECT_EQ(second.runtime, "runc 1.1.5");
  EXPECT_EQ(second.started_ms, 104'000);
  EXPECT_EQ(second.ended_ms, 107'000);
  EXPECT_EQ(second.epochs, 3u);

  EXPECT_EQ(lives.LastOfEnded(), std::vector<size_t>{1});
  lives.at(1).killed = true;
  EXPECT_EQ(lives.Split(run, {}).recordings.at("r.2").exercised, std::set<std::string>{"start"})
      << "SIGKILL is no shutdown";
}

TEST(LivesTest, GapsOfTheRunAreGapsOfEachLifeButALateAttachIsOfThoseThatRanAlready) {
  const Lives lives = TwoReplicas();
  Evidence run = TenSeconds();
  See(run, Lives::Label(0), 0, 0, 9);
  SeeStart(run, Lives::Label(1), 3);
  run.gaps = {{"r", "late-attach", "it was running already", 0}, {"r", "table-full", "no room", 7}};
  const Evidence split = lives.Split(run, {});
  const std::set<evidence::Gap> expected = {{"r.1", "late-attach", "it was running already", 0},
                                            {"r.1", "table-full", "no room", 7},
                                            {"r.2", "table-full", "no room", 7}};
  EXPECT_EQ(split.gaps, expected);
}

TEST(LivesTest, AGapAboutACgroupThatIsNobodysLifeStandsOnce) {
  const Lives lives = TwoReplicas();
  Evidence run = TenSeconds();
  See(run, Lives::Label(0), 0, 0, 9);
  SeeStart(run, Lives::Label(1), 3);
  run.gaps = {{"r", "undecided", "whose is /docker/x?", 0}};
  const std::set<evidence::Gap> expected = {{"r.1", "undecided", "whose is /docker/x?", 0}};
  EXPECT_EQ(lives.Split(run, {}).gaps, expected);
}

TEST(LivesTest, WhatIsNobodysLifeStaysWithTheRun) {
  const Lives lives = TwoReplicas();
  Evidence run = TenSeconds();
  See(run, "?", 1, 3, 3);
  See(run, "life 99", 1, 3, 3);
  SeeStart(run, Lives::Label(1), 3);
  run.gaps = {{"r", "unresolved", "nobody's", 1}};
  const Evidence split = lives.Split(run, {});
  EXPECT_EQ(split.recordings.size(), 3u);
  EXPECT_EQ(split.subjects.size(), 3u);
  EXPECT_TRUE(split.subjects.contains({"?", "/bin/web", Arrival::kWorkload}));
  EXPECT_EQ(split.gaps.size(), 3u);
}

TEST(LivesTest, ALifeThatMadeNoCallYetIsThereAndTheEvidenceIsWellFormed) {
  const Lives lives = TwoReplicas();
  const Evidence split = lives.Split(TenSeconds(), {});
  EXPECT_EQ(split.recordings.at("r.1").epochs, 1u);
  const auto again = evidence::Read(evidence::Write(split), "split");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, split);
}

TEST(LivesTest, WithoutALifeTheRunIsLeftAsItIs) {
  Evidence run = TenSeconds();
  run.gaps = {{"r", "not-started", "nobody came", 0}};
  EXPECT_EQ(Lives().Split(run, {"reload"}), run);
}

// Invariant of the format: two states of one run merge, whatever was learned between them.
TEST(LivesTest, AnEarlierStateOfTheSameRunMergesWithALater) {
  Lives lives;
  lives.at(lives.Add(V2(1, "/docker/aa"), "aa", Beginning::kAtItsStart)).facts.subject = "web:1";
  Evidence run = TenSeconds();
  See(run, Lives::Label(0), 0, 2, 4);
  const Evidence before = lives.Split(run, {});
  lives.at(0).facts.runtime = "runc 1.1.5";
  See(run, Lives::Label(0), 1, 9, 9);
  const Evidence after = lives.Split(run, {});
  const auto merged = evidence::Merge(before, after);
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(*merged, after);
}

TEST(LivesTest, AStartOfWhichTheFirstExecveWasNotSeenIsAGap) {
  const auto kinds_of = [](const Evidence& evidence) {
    std::set<std::string> kinds;
    for (const auto& gap : evidence.gaps) kinds.insert(gap.recording + " " + gap.kind);
    return kinds;
  };
  const Lives lives = TwoReplicas();
  Evidence run = TenSeconds();
  See(run, Lives::Label(0), 1, 0, 9);
  EXPECT_EQ(kinds_of(lives.Split(run, {})), std::set<std::string>{"r.2 start-unseen"}) << "it ended, unseen";
  See(run, Lives::Label(1), 1, 3, 4);
  EXPECT_EQ(kinds_of(lives.Split(run, {})), std::set<std::string>{"r.2 start-unseen"})
      << "not from its start";
  SeeStart(run, Lives::Label(1), 3);
  EXPECT_EQ(kinds_of(lives.Split(run, {})), std::set<std::string>{});
  Lives young;
  young.Add(V2(1, "/docker/aa"), "aa", Beginning::kAtItsStart);
  EXPECT_EQ(kinds_of(young.Split(TenSeconds(), {})), std::set<std::string>{}) << "it has only begun";
}

TEST(LivesTest, EachLifeIsSeenWithItsOwnCallsDenialsAndGaps) {
  Lives lives = TwoReplicas();
  Evidence run = TenSeconds();
  See(run, Lives::Label(0), 0, 0, 9);
  See(run, Lives::Label(1), 1, 4, 6);
  run.gaps = {
      {"r", "late-attach", "it ran", 0}, {"r", "table-full", "no room", 2}, {"r", "undecided", "whose", 0}};
  record::Denial denial;
  denial.subject = {Lives::Label(1), "/bin/web", Arrival::kWorkload};
  const auto seen = lives.Seen(run, {denial});
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_FALSE(seen[0].from_start);
  EXPECT_TRUE(seen[1].from_start);
  EXPECT_TRUE(seen[1].ended);
  EXPECT_EQ(seen[1].cgroups, std::set<CgroupKey>{CgroupKey{2}});
  EXPECT_TRUE(seen[0].evidence.subjects.at(kWeb).contains(CallKey{Abi::kX86_64, 0}));
  EXPECT_FALSE(seen[1].evidence.subjects.at(kWeb).contains(CallKey{Abi::kX86_64, 0}));
  EXPECT_TRUE(seen[0].denials.empty());
  ASSERT_EQ(seen[1].denials.size(), 1u);
  EXPECT_EQ(seen[1].denials[0].subject, kWeb);
  const auto kinds = [](const SeenLife& life) {
    std::string text;
    for (const auto& gap : life.evidence.gaps) text += gap.kind + " ";
    return text;
  };
  EXPECT_EQ(kinds(seen[0]), "late-attach table-full ");
  EXPECT_EQ(kinds(seen[1]), "start-unseen table-full ");
}

TEST(LivesTest, AForgottenLifeStandsNowhere) {
  Lives lives = TwoReplicas();
  Evidence run = TenSeconds();
  See(run, Lives::Label(0), 0, 0, 9);
  See(run, Lives::Label(1), 1, 4, 6);
  run.scripts[{Lives::Label(1), "/bin/web", Arrival::kWorkload}] = {"/start.sh"};
  lives.Forget(1);
  const Evidence one = lives.Split(run, {});
  EXPECT_EQ(one.recordings.size(), 1u);
  EXPECT_TRUE(one.recordings.contains("r.1"));
  EXPECT_EQ(one.subjects.size(), 1u);
  EXPECT_TRUE(one.scripts.empty());
  EXPECT_EQ(lives.count(), 2u);
  lives.Forget(0);
  run.gaps = {{"r", "undecided", "whose", 0}, {"r", "table-full", "no room", 2}};
  const Evidence none = lives.Split(run, {});
  EXPECT_TRUE(none.recordings.contains("r"));
  EXPECT_TRUE(none.subjects.empty());
  EXPECT_EQ(none.gaps, run.gaps);
  EXPECT_EQ(lives.Add(V2(3, "/docker/cc"), "cc", Beginning::kAtItsStart), 2u);
}

}  // namespace
}  // namespace whittle::container
