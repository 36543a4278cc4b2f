#include "evidence/by_container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::evidence {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void See(Evidence& evidence, const Subject& subject, const std::string& recording) {
  evidence.recordings[recording].epochs = 10;
  evidence.subjects[subject][{Abi::kX86_64, 0, Fate::kAllowed, false}].epochs[recording].Add(1, 2);
}

Evidence TwoContainers() {
  Evidence evidence;
  See(evidence, {"web", "/bin/nginx", Arrival::kWorkload}, "of-web");
  See(evidence, {"web", "/bin/runc", Arrival::kArrived}, "of-web");
  See(evidence, {"db", "/bin/pg", Arrival::kWorkload}, "of-db");
  See(evidence, {"db", "/bin/pg", Arrival::kWorkload}, "of-both");
  See(evidence, {"web", "/bin/nginx", Arrival::kWorkload}, "of-both");
  evidence.scripts[{"web", "/bin/nginx", Arrival::kWorkload}] = {"/run.sh"};
  evidence.recordings["saw-nobody"].epochs = 10;
  return evidence;
}

std::vector<std::string> RecordingsOf(const Evidence& evidence) {
  std::vector<std::string> ids;
  for (const auto& [id, recording] : evidence.recordings) ids.push_back(id);
  return ids;
}

TEST(ByContainer, ItsSubjectsAndScripts) {
  const auto evidence = TwoContainers();
  const auto parts = ByContainer(evidence);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts.at("web").subjects.size(), 2u);
  EXPECT_EQ(parts.at("web").scripts, evidence.scripts);
  EXPECT_EQ(parts.at("db").subjects.size(), 1u);
  EXPECT_THAT(parts.at("db").scripts, IsEmpty());
  EXPECT_THAT(ByContainer(Evidence{}), IsEmpty());
}

TEST(ByContainer, WhatARecordingOfAnotherLostIsNotItsGap) {
  auto evidence = TwoContainers();
  evidence.gaps = {{"of-web", "killed", "", 0}, {"of-db", "killed", "", 0}, {"of-both", "killed", "", 0}};
  const auto db = ByContainer(evidence).at("db");
  EXPECT_THAT(RecordingsOf(db), ElementsAre("of-both", "of-db", "saw-nobody"));
  EXPECT_EQ(db.gaps, (std::set<Gap>{{"of-db", "killed", "", 0}, {"of-both", "killed", "", 0}}));
}

TEST(ByContainer, WhatMayHaveHiddenItsCallsStays) {
  auto evidence = TwoContainers();
  evidence.gaps = {{"saw-nobody", "reader-stopped", "", 0}, {"", "undecided", "", 0}};
  for (const auto& [name, part] : ByContainer(evidence)) EXPECT_EQ(part.gaps, evidence.gaps) << name;
}

// What is taken apart can be read again, and put together again.
TEST(ByContainer, PartsAreEvidenceAndMergeToTheWhole) {
  auto evidence = TwoContainers();
  evidence.gaps = {{"of-db", "killed", "", 0}, {"", "undecided", "", 0}};
  const auto parts = ByContainer(evidence);
  EXPECT_EQ(Read(Write(parts.at("web")), "web.json").value(), parts.at("web"));
  EXPECT_EQ(Merge(parts.at("web"), parts.at("db")).value(), evidence);
}

}  // namespace
}  // namespace whittle::evidence
