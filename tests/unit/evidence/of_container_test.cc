#include "evidence/of_container.h"

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

TEST(OfContainer, ItsSubjectsAndScripts) {
  const auto evidence = TwoContainers();
  EXPECT_THAT(Containers(evidence), ElementsAre("db", "web"));
  const auto web = OfContainer(evidence, "web");
  EXPECT_EQ(web.subjects.size(), 2u);
  EXPECT_EQ(web.scripts, evidence.scripts);
  EXPECT_THAT(OfContainer(evidence, "db").scripts, IsEmpty());
  EXPECT_THAT(OfContainer(evidence, "other").subjects, IsEmpty());
}

TEST(OfContainer, WhatARecordingOfAnotherLostIsNotItsGap) {
  auto evidence = TwoContainers();
  evidence.gaps = {{"of-web", "killed", "", 0}, {"of-db", "killed", "", 0}, {"of-both", "killed", "", 0}};
  const auto db = OfContainer(evidence, "db");
  EXPECT_THAT(RecordingsOf(db), ElementsAre("of-both", "of-db", "saw-nobody"));
  EXPECT_EQ(db.gaps, (std::set<Gap>{{"of-db", "killed", "", 0}, {"of-both", "killed", "", 0}}));
}

TEST(OfContainer, WhatMayHaveHiddenItsCallsStays) {
  auto evidence = TwoContainers();
  evidence.gaps = {{"saw-nobody", "reader-stopped", "", 0}, {"", "undecided", "", 0}};
  EXPECT_EQ(OfContainer(evidence, "web").gaps, evidence.gaps);
}

// What is taken apart can be read again, and put together again.
TEST(OfContainer, PartsAreEvidenceAndMergeToTheWhole) {
  auto evidence = TwoContainers();
  evidence.gaps = {{"of-db", "killed", "", 0}, {"", "undecided", "", 0}};
  const auto web = OfContainer(evidence, "web"), db = OfContainer(evidence, "db");
  EXPECT_EQ(Read(Write(web), "web.json").value(), web);
  EXPECT_EQ(Merge(web, db).value(), evidence);
}

}  // namespace
}  // namespace whittle::evidence
