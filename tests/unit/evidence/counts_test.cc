#include "evidence/counts.h"

#include <gtest/gtest.h>

namespace whittle::evidence {
namespace {

// One recording of one container that made these calls.
Evidence Replica(const std::string& id, std::initializer_list<uint32_t> calls,
                 const std::string& container = "web") {
  Evidence evidence;
  evidence.recordings[id].epochs = 10;
  for (const uint32_t call : calls) {
    evidence.subjects[{container, "/bin/a", Arrival::kWorkload}][{Abi::kX86_64, call}].epochs[id].Add(4);
  }
  return evidence;
}

Evidence All(std::initializer_list<Evidence> parts) {
  Evidence all;
  for (const auto& part : parts) all = *Merge(all, part);
  return all;
}

constexpr uint32_t kRead = 0, kWrite = 1, kOpen = 2;

std::string Lines(const Evidence& evidence) { return CountLines(CountCalls(evidence, UnitKind::kRun)); }

TEST(Counts, SayInHowManyOfTheInputsACallWasSeen) {
  const auto all = All({Replica("a", {kRead, kWrite}), Replica("b", {kRead, kOpen}), Replica("c", {kRead})});
  EXPECT_EQ(Lines(all), "x86_64\topen\t1/3\nx86_64\tread\t3/3\nx86_64\twrite\t1/3\n");
}

TEST(Counts, MergedEvidenceCountsAsWhatItHolds) {
  const auto two = All({Replica("a", {kRead, kWrite}), Replica("b", {kRead})});
  const auto all = All({two, Replica("c", {kRead}), two});
  EXPECT_EQ(Lines(all), "x86_64\tread\t3/3\nx86_64\twrite\t1/3\n");
}

TEST(Counts, ARecordingGivenTwiceCountsOnce) {
  const auto a = Replica("a", {kRead});
  EXPECT_EQ(Lines(All({a, a, Replica("b", {})})), "x86_64\tread\t1/2\n");
}

TEST(Counts, WhatCameFromOutsideIsNotCounted) {
  auto evidence = Replica("a", {kRead});
  evidence.subjects[{"web", "/usr/bin/runc", Arrival::kArrived}][{Abi::kX86_64, kWrite}].epochs["a"].Add(0);
  EXPECT_EQ(Lines(evidence), "x86_64\tread\t1/1\n");
}

TEST(Counts, ACallOfSeveralExecutablesOrFatesIsOneOfARun) {
  auto evidence = Replica("a", {kRead});
  evidence.subjects[{"web", "/bin/b", Arrival::kWorkload}][{Abi::kX86_64, kRead, Fate::kDenied}]
      .epochs["a"]
      .Add(0);
  EXPECT_EQ(Lines(evidence), "x86_64\tread\t1/1\n");
}

TEST(Counts, ReplicasOfOneRunAreCountedWhereThereIsButOneRun) {
  auto evidence = Replica("a", {kRead, kWrite}, "web-1");
  evidence.subjects[{"web-2", "/bin/a", Arrival::kWorkload}][{Abi::kX86_64, kRead}].epochs["a"].Add(0);
  EXPECT_EQ(UsualCount(evidence), UnitKind::kReplica);
  const auto counts = CountCalls(evidence, UnitKind::kReplica);
  EXPECT_EQ(CountLines(counts), "x86_64\tread\t2/2\nx86_64\twrite\t1/2\n");
  EXPECT_EQ(UsualCount(All({evidence, Replica("b", {})})), UnitKind::kRun);
}

TEST(Counts, JsonNamesWhereEachWasSeen) {
  const auto json = CountsJson(CountCalls(All({Replica("a", {kRead}), Replica("b", {})}), UnitKind::kRun));
  EXPECT_EQ(
      json::Write(json, json::Style::kCompact),
      R"({"per":"run","of":2,"names":["a","b"],"calls":[{"abi":"x86_64","call":"read","seen":1,"in":["a"]}]})");
}

}  // namespace
}  // namespace whittle::evidence
