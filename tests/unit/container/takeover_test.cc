#include "container/takeover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/journal.h"

namespace whittle::container {
namespace {

using evidence::Arrival;
using evidence::CallKey;
using evidence::Evidence;

constexpr CallKey kRead{Abi::kX86_64, 0};
constexpr CallKey kWrite{Abi::kX86_64, 1};

evidence::Recording OneRun() {
  evidence::Recording recording;
  recording.source = "ebpf";
  recording.target = "image web";
  recording.started_ms = 100'000;
  recording.ended_ms = 105'000;
  recording.epoch_ms = 1000;
  recording.epochs = 1;
  return recording;
}

record::TakenOver Left() {
  record::TakenOver left;
  left.id = "r";
  left.alive_ms = 107'000;
  left.evidence.recordings["r"] = OneRun();
  return left;
}

void See(Evidence& evidence, const std::string& container, const CallKey& call, const std::string& id = "r",
         uint32_t epoch = 0) {
  evidence.subjects[{container, "/bin/web", Arrival::kWorkload}][call].epochs[id].Add(epoch);
}

Claim Nobodys(std::string_view) { return {Claim::Verdict::kNot, {}}; }

std::string Epochs(const Evidence& evidence, const std::string& container, const CallKey& call,
                   const std::string& id) {
  const auto subject = evidence.subjects.find({container, "/bin/web", Arrival::kWorkload});
  if (subject == evidence.subjects.end() || !subject->second.contains(call)) return "none";
  const auto found = subject->second.at(call).epochs.find(id);
  if (found == subject->second.at(call).epochs.end()) return "none";
  std::string text;
  for (const auto& [first, last] : found->second.ranges())
    text += std::to_string(first) + "-" + std::to_string(last) + " ";
  return text;
}

std::set<std::string> GapKinds(const Evidence& evidence) {
  std::set<std::string> kinds;
  for (const auto& gap : evidence.gaps) kinds.insert(gap.kind);
  return kinds;
}

TEST(TakeoverTest, WhatTheMapsHeldIsOfTheLastEpochThatTheJournalHas) {
  Evidence journal;
  journal.recordings["r"] = OneRun();
  journal.recordings["r"].epochs = 5;
  See(journal, "-", kRead, "r", 2);
  journal.gaps.insert({"r", record::kUnfinished, "", 0});
  auto left = Left();
  See(left.evidence, "-", kRead);
  See(left.evidence, "-", kWrite);
  const auto all = WithTakenOver(journal, left, Nobodys);
  EXPECT_EQ(Epochs(all, "-", kRead, "r"), "2-2 4-4 ");
  EXPECT_EQ(Epochs(all, "-", kWrite, "r"), "4-4 ");
  EXPECT_EQ(all.recordings.at("r").epochs, 5u);
  EXPECT_EQ(GapKinds(all), std::set<std::string>{"unfinished"});
  EXPECT_EQ(WithTakenOver(all, left, Nobodys), all) << "once more changes nothing";
}

TEST(TakeoverTest, WithoutAJournalItIsARecordingThatIsNotFinished) {
  auto left = Left();
  See(left.evidence, "-", kRead);
  const auto all = WithTakenOver(std::nullopt, left, Nobodys);
  EXPECT_EQ(Epochs(all, "-", kRead, "r"), "0-0 ");
  EXPECT_EQ(GapKinds(all), std::set<std::string>{"unfinished"});
}

TEST(TakeoverTest, LivesAreTheirOwnRecordings) {
  Evidence journal;
  journal.recordings["r.1"] = OneRun();
  journal.recordings["r.1"].epochs = 3;
  See(journal, "web", kRead, "r.1", 0);
  auto left = Left();
  left.notes[Lives::Label(0)] = NoteOf({"web", "image web, container a", "web:1", "docker 1", ""});
  left.notes[Lives::Label(1)] = NoteOf({"web", "image web, container b", "web:1", "docker 1", ""});
  See(left.evidence, Lives::Label(0), kWrite);
  See(left.evidence, Lives::Label(1), kRead);
  const auto all = WithTakenOver(journal, left, Nobodys);
  EXPECT_EQ(Epochs(all, "web", kWrite, "r.1"), "2-2 ");
  EXPECT_EQ(Epochs(all, "web", kRead, "r.2"), "0-0 ");
  EXPECT_EQ(all.recordings.at("r.2").target, "image web, container b");
  EXPECT_FALSE(all.recordings.contains("r"));
}

TEST(TakeoverTest, WhoseAnUndecidedCgroupIsIsAskedNow) {
  auto left = Left();
  left.notes[Lives::Label(0)] = NoteOf({"web", "image web, container a", "web:1", "docker 1", ""});
  left.undecided = {"/docker/wanted", "/docker/other", "/docker/gone"};
  for (const auto& path : left.undecided) See(left.evidence, path, kRead);
  const auto all = WithTakenOver(std::nullopt, left, [](std::string_view path) {
    if (path == "/docker/wanted")
      return Claim{Claim::Verdict::kWanted, {"web", "image web, container c", "", "", ""}};
    return Claim{path == "/docker/other" ? Claim::Verdict::kNot : Claim::Verdict::kUnknown, {}};
  });
  ASSERT_EQ(all.subjects.size(), 1u);
  EXPECT_EQ(Epochs(all, "web", kRead, "r.2"), "0-0 ");
  EXPECT_EQ(GapKinds(all), (std::set<std::string>{"undecided", "unfinished"}));
  for (const auto& gap : all.gaps) {
    EXPECT_TRUE(gap.kind != "undecided" || gap.detail.contains("/docker/gone")) << gap.detail;
    EXPECT_TRUE(all.recordings.contains(gap.recording));
  }
}

TEST(TakeoverTest, FactsComeBackFromANote) {
  const LifeFacts facts{"web", "image web, container a\nb", "web:1", "docker 1", ""};
  const auto back = FactsOfNote(NoteOf(facts));
  EXPECT_EQ(back.target, "image web, container a b");
  EXPECT_EQ(back.engine, "docker 1");
  EXPECT_EQ(FactsOfNote("").subject, "");
}

}  // namespace
}  // namespace whittle::container
