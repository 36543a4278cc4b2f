#include "kept/life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::kept {
namespace {

using ::testing::HasSubstr;

Refusal Mkdir() {
  Refusal refusal;
  refusal.call = "mkdir";
  refusal.arguments = {UINT64_MAX, 0x1ed};
  refusal.action = "ERRNO(1)";
  refusal.got = "EPERM (Operation not permitted)";
  refusal.errno_name = "EPERM";
  refusal.executable = "/bin/busybox";
  refusal.command = "busybox";
  refusal.pid = 7;
  refusal.tid = 8;
  refusal.count = 3;
  refusal.first_ms = 1500;
  refusal.last_ms = 1600;
  refusal.filter = 1;
  refusal.stack = {"libc.so.6!mkdir+0xb", "main.c:12"};
  return refusal;
}

Life Web() {
  Life life;
  life.id = std::string(64, 'a');
  life.name = "web";
  life.image = "nginx:1.22";
  life.engine = "docker 20.10.24";
  life.runtime = "runc 1.1.5";
  life.marks = {"boot v2 17"};
  life.started_ms = 1000;
  life.updated_ms = 2000;
  life.from_start = true;
  life.ended = true;
  life.refused = {Mkdir()};
  life.first_seen = {
      {1700, "/bin/busybox", evidence::Arrival::kWorkload, Abi::kI386, "#451", evidence::Fate::kUnknown}};
  life.dropped = 5;
  life.gaps = {"nobody watched for a while"};
  return life;
}

Life ReadBack(const Life& life) {
  const std::string text = Write(life);
  EXPECT_LE(text.size(), kMaxBytes);
  const auto read = Read(text, "f");
  EXPECT_TRUE(read) << read.error().message;
  return read ? *read : Life{};
}

TEST(LifeTest, WhatIsWrittenIsReadAgain) {
  EXPECT_EQ(ReadBack(Web()), Web());
  Life other = Web();
  other.from_start = other.ended = false;
  other.refused[0].fate = evidence::Fate::kKilled;
  other.refused[0].arrival = evidence::Arrival::kArrived;
  other.refused[0].filter = -1;
  other.first_seen.clear();
  EXPECT_EQ(ReadBack(other), other);
}

TEST(LifeTest, TextOfAnyBytesIsKept) {
  Life life = Web();
  life.name =
      "w\xff"
      "eb";
  life.refused[0].executable = "/bin/\xc3\x28";
  life.refused[0].command = "a\nb\x01";
  life.refused[0].stack = {"lib\xfe.so!f"};
  life.gaps = {"\x80"};
  EXPECT_EQ(ReadBack(life), life);
}

TEST(LifeTest, TextThatIsTooLongIsCutBetweenCharacters) {
  Life life = Web();
  std::string name;
  while (name.size() < 6000) name += "\xc3\xa4";
  life.refused[0].executable = "/" + name;
  const auto read = ReadBack(life);
  EXPECT_THAT(read.refused[0].executable, ::testing::EndsWith("\xc3\xa4..."));
  EXPECT_LE(read.refused[0].executable.size(), 4096u);
}

TEST(LifeTest, TheNewestKindsStayAndTheOthersAreCounted) {
  Life life = Web();
  life.refused.clear();
  for (int i = 256; i >= 0; i--) {  // the newest first: they are sorted
    life.refused.push_back(Mkdir());
    life.refused.back().call = "#" + std::to_string(5000 + i);
    life.refused.back().last_ms = i;
  }
  for (int i = 0; i < 300; i++)
    life.first_seen.push_back({i, "/x", evidence::Arrival::kWorkload, Abi::kX86_64, "read"});
  const auto read = ReadBack(life);
  ASSERT_EQ(read.refused.size(), 256u);
  EXPECT_EQ(read.dropped, 6u);
  EXPECT_EQ(read.refused.front().last_ms, 1);
  EXPECT_EQ(read.refused.back().last_ms, 256);
  ASSERT_EQ(read.first_seen.size(), 256u);
  EXPECT_EQ(read.first_seen.back().ms, 299);
}

TEST(LifeTest, AFileStaysBelowItsLimitAndLosesTheOldestStacksFirst) {
  Life life = Web();
  life.refused.clear();
  for (int i = 0; i < 256; i++) {
    life.refused.push_back(Mkdir());
    life.refused.back().last_ms = i;
    life.refused.back().stack.assign(64, std::string(500, '\x01'));  // six bytes each in JSON
  }
  const auto read = ReadBack(life);
  EXPECT_EQ(read.refused.size(), 256u);
  EXPECT_EQ(read.dropped, 5u);
  EXPECT_TRUE(read.refused.front().stack.empty());
  EXPECT_EQ(read.refused.back().stack.size(), 64u);

  for (auto& refusal : life.refused) {
    refusal.stack.clear();
    refusal.executable = refusal.command = std::string(4000, '\x01');
  }
  const auto fewer = ReadBack(life);
  EXPECT_LT(fewer.refused.size(), 256u);
  EXPECT_EQ(fewer.dropped, 5 + 256 - fewer.refused.size());
  EXPECT_EQ(fewer.refused.back().last_ms, 255);
}

TEST(LifeTest, MoreGapsThanFitAreCounted) {
  Life life = Web();
  life.gaps.assign(300, "gap");
  const auto read = ReadBack(life);
  ASSERT_EQ(read.gaps.size(), 257u);
  EXPECT_THAT(read.gaps.back(), HasSubstr("44 more"));
}

TEST(LifeTest, NamesWhatIsWrong) {
  const auto error = [](const std::string& text) { return Read(text, "f").error().message; };
  EXPECT_THAT(error(R"({"format": "whittle-denials", "version": 2})"), HasSubstr("a newer whittle"));
  EXPECT_THAT(error(R"({"format": "other"})"), HasSubstr("whittle-denials"));
  EXPECT_THAT(error("[]"), HasSubstr("expected an object"));
  const std::string head = R"({"format": "whittle-denials", "version": 1, "started_ms": 1, "updated_ms": 2)";
  EXPECT_THAT(error(head + R"(, "refused": []})"), HasSubstr("container"));
  const std::string whose = head + R"(, "container": {"id": "a", "name": "b"})";
  EXPECT_THAT(error(whose + "}"), HasSubstr("refused"));
  EXPECT_THAT(error(whose + R"(, "refused": [{"call": "mkdir"}]})"), HasSubstr("refused[0].abi"));
  EXPECT_THAT(error(whose + R"(, "refused": [], "gaps": [7]})"), HasSubstr("gaps"));
  EXPECT_THAT(error(whose + R"(, "refused": [], "first_seen": [{"abi": "x86_64"}]})"),
              HasSubstr("first_seen[0].call"));
  EXPECT_THAT(error(whose + R"(, "refused": [], "dropped": "x"})"), HasSubstr("f:1:"));
  EXPECT_THAT(error(std::string(kMaxBytes + 1, ' ')), HasSubstr("f"));
  EXPECT_TRUE(Read(whose + R"(, "refused": [], "added_later": {"x": [1]}})", "f"));
}

}  // namespace
}  // namespace whittle::kept
