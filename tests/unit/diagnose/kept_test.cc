#include "diagnose/kept.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::diagnose {
namespace {

using ::testing::HasSubstr;

const std::string kId(64, 'a');

std::string Document(const std::string& name, const std::string& refused) {
  return R"({"format": "whittle-denials", "version": 1, "container": {"id": ")" + kId + R"(", "name": ")" +
         name +
         R"("}, "started_ms": 1000, "updated_ms": 2000, "from_start": true, "added_later": 7, "refused": [)" +
         refused + "]}";
}
const std::string kMkdir =
    R"x({"abi": "x86_64", "call": "mkdir", "fate": "denied", "got": "EPERM (Operation not permitted)", "count": 3,
        "executable": "/bin/busybox", "arrival": "workload", "stack": ["libc.so.6!mkdir+0xb"], "filter": -1})x";

TEST(KeptTest, ReadsADenialsFileAndPassesOverWhatItDoesNotKnow) {
  const auto kept = ReadKept(Document("web", kMkdir), "f", "");
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->life.name, "web");
  EXPECT_TRUE(kept->life.from_start);
  ASSERT_EQ(kept->life.refused.size(), 1u);
  EXPECT_EQ(kept->life.refused[0].call, "mkdir");
  EXPECT_EQ(kept->life.refused[0].count, 3u);
  EXPECT_EQ(kept->life.refused[0].arrival, evidence::Arrival::kWorkload);
  EXPECT_EQ(kept->life.refused[0].stack.size(), 1u);
}

TEST(KeptTest, NamesWhatIsWrong) {
  const auto error = [](const std::string& text) { return ReadKept(text, "f", "").error().message; };
  EXPECT_THAT(error(R"({"format": "whittle-denials", "version": 2})"), HasSubstr("a newer whittle"));
  EXPECT_THAT(error(Document("web", R"({"call": "mkdir"})")), HasSubstr("refused[0].abi"));
  EXPECT_THAT(error(Document("web", R"({"abi": "vax", "call": "mkdir"})")), HasSubstr("an ABI"));
  EXPECT_THAT(error(Document("web", R"({"abi": "x86_64", "call": "mkdir", "count": "x"})")),
              HasSubstr("f:1:"));
  EXPECT_THAT(error("{}"), HasSubstr("expected refusals"));
  EXPECT_THAT(error("{"), HasSubstr("f:1:"));
}

TEST(KeptTest, ReadsWhatRunWrote) {
  const auto kept =
      ReadKept(R"({"watched": true, "refused": [{"container": "web", "abi": "x86_64", "call": "chmod",
      "fate": "denied"}, {"container": "db", "abi": "x86_64", "call": "mount"}]})",
               "r", "web");
  ASSERT_TRUE(kept) << kept.error().message;
  ASSERT_EQ(kept->life.refused.size(), 1u);
  EXPECT_EQ(kept->life.refused[0].call, "chmod");
}

TEST(KeptTest, ReadsTheReportOfDenialsWithoutWhatWasOnlyLogged) {
  const auto kept = ReadKept(R"x({"format": "whittle-denials-report", "version": 1, "denials": [
      {"container": "web", "abi": "x86_64", "call": "chmod", "fate": "killed", "stack": [{"text": "libc.so.6!chmod+0x7"}]},
      {"container": "web", "abi": "x86_64", "call": "read", "fate": "logged"}]})x",
                             "d", "web");
  ASSERT_TRUE(kept) << kept.error().message;
  ASSERT_EQ(kept->life.refused.size(), 1u);
  EXPECT_EQ(kept->life.refused[0].fate, evidence::Fate::kKilled);
  EXPECT_EQ(kept->life.refused[0].stack.front(), "libc.so.6!chmod+0x7");
}

TEST(KeptTest, WhatIsOfAnEarlierStartIsNotTakenForThisOne) {
  const auto file = ReadKept(Document("web", kMkdir), "f", "");
  ASSERT_TRUE(file);
  Facts facts;
  TakeKept(*file, facts);
  EXPECT_EQ(facts.refused.size(), 1u);
  EXPECT_EQ(facts.watched, "f");
  EXPECT_TRUE(facts.seen_from_start);
  Facts later;
  later.info = container::ContainerInfo{};
  later.info->started_ms = file->life.updated_ms + 60'000;
  TakeKept(*file, later);
  EXPECT_TRUE(later.refused.empty());
  EXPECT_EQ(later.watched, "") << "nobody watched this one";
  ASSERT_EQ(later.unknown.size(), 1u);
  EXPECT_THAT(later.unknown[0], HasSubstr("an earlier start"));
  later.info->started_ms =
      file->life.updated_ms + 100;  // the engine says so a moment after its cgroup was made
  TakeKept(*file, later);
  EXPECT_EQ(later.refused.size(), 1u);
}

}  // namespace
}  // namespace whittle::diagnose
