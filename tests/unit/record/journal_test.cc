#include "record/journal.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"

namespace whittle::record {
namespace {

evidence::Evidence Sample(const std::string& id, uint32_t number) {
  evidence::Evidence evidence;
  evidence.recordings[id].source = "ebpf";
  evidence.recordings[id].epoch_ms = 1000;
  evidence.recordings[id].epochs = 1;
  evidence.subjects[{"-", "/bin/a", evidence::Arrival::kWorkload}][{Abi::kX86_64, number}].epochs[id].Add(0);
  return evidence;
}

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/whittle-journal-XXXXXX";
    ASSERT_NE(mkdtemp(path), nullptr);
    folder_ = path;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string File() const { return folder_ + "/a.json"; }
  size_t FileCount() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }
  static bool HasGap(const evidence::Evidence& evidence, const std::string& kind) {
    return std::ranges::any_of(evidence.gaps, [&](const auto& gap) { return gap.kind == kind; });
  }

 private:
  std::string folder_;
};

TEST_F(JournalTest, LeavesOnlyTheFile) {
  auto journal = Journal::Open(File());
  ASSERT_TRUE(journal) << journal.error().message;
  ASSERT_TRUE(journal->Flush(Sample("r", 1)));
  EXPECT_FALSE(FileExists(File()));
  ASSERT_TRUE(journal->Finish(Sample("r", 1)));
  EXPECT_EQ(FileCount(), 1u);
  const auto read = evidence::ReadEvidenceFile(File());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, Sample("r", 1));
}

TEST_F(JournalTest, IsEvidenceThatSaysItIsUnfinished) {
  auto journal = Journal::Open(File());
  ASSERT_TRUE(journal->Flush(Sample("r", 1)));
  const auto read = evidence::ReadEvidenceFile(File() + ".recording");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(HasGap(*read, "unfinished"));
}

TEST_F(JournalTest, WhatAKilledRecorderLeftBecomesPartOfTheNextFileWithAGap) {
  {
    auto killed = Journal::Open(File());
    ASSERT_TRUE(killed->Flush(Sample("first", 1)));
  }
  auto journal = Journal::Open(File());
  ASSERT_TRUE(journal) << journal.error().message;
  ASSERT_TRUE(journal->recovered());
  {  // killed again, at once: nothing of the first is lost
    ASSERT_TRUE(journal->Flush(Sample("second", 2)));
    *journal = *Journal::Open(File() + "-other");
  }
  journal = Journal::Open(File());
  ASSERT_TRUE(journal) << journal.error().message;
  const auto written = journal->Finish(Sample("third", 3));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->recordings.size(), 3u);
  EXPECT_EQ(written->subjects.begin()->second.size(), 3u);
  EXPECT_TRUE(HasGap(*written, "killed"));
  EXPECT_FALSE(HasGap(*written, "unfinished"));
  EXPECT_EQ(written->gaps.size(), 2u);
}

TEST(AsKilled, SaysWhenNobodyWatched) {
  auto evidence = Sample("run.1", 1);
  evidence.recordings["run.1"].ended_ms = 100'000;
  evidence.gaps = {{"run.1", kUnfinished, "", 0}, {"run.1", "table-full", "", 3}};
  const auto killed = AsKilled(evidence, {{{"run", 101'500}, {"runs", 999'999}}, 104'000});
  ASSERT_EQ(killed.gaps.size(), 2u);
  const auto gap = *killed.gaps.begin();
  EXPECT_EQ(gap.kind, kKilled);
  EXPECT_EQ(gap.count, 3u) << "seconds, rounded up, from its last sign of life";
  EXPECT_NE(gap.detail.find("from 1970-01-01T00:01:41.500Z to 1970-01-01T00:01:44.000Z (2.5 s)"),
            std::string::npos)
      << gap.detail;
  EXPECT_EQ(AsKilled(killed, {}), killed);
}

TEST_F(JournalTest, WhatHadEndedBeforeAKillHasLostNothing) {
  auto evidence = Sample("run.1", 1);
  evidence.recordings["run.1"].ended_ms = 50'000;
  evidence.recordings["run.2"] = evidence.recordings["run.1"];
  evidence.recordings["run.2"].ended_ms = 100'000;
  {
    auto killed = Journal::Open(File());
    ASSERT_TRUE(killed->Flush(evidence));
  }
  const auto journal = Journal::Open(File());
  ASSERT_TRUE(journal->recovered());
  ASSERT_EQ(journal->recovered()->gaps.size(), 1u);
  EXPECT_EQ(journal->recovered()->gaps.begin()->recording, "run.2");
}

// The journal of one that was killed while it held that of another, which ended long before.
TEST(AsKilled, EachRunThatWasKilledHasItsOwnGap) {
  auto evidence = Sample("first", 1);
  evidence.recordings["first"].ended_ms = 50'000;
  evidence.recordings["second"] = evidence.recordings["first"];
  evidence.recordings["second"].ended_ms = 100'000;
  evidence.gaps = {{"first", kUnfinished, "", 0}, {"second", kUnfinished, "", 0}};
  EXPECT_EQ(AsKilled(evidence, {{}, 104'000}).gaps.size(), 2u);
}

TEST_F(JournalTest, ASecondRecorderIsRefused) {
  const auto journal = Journal::Open(File());
  const auto second = Journal::Open(File());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kBadInput);
}

TEST_F(JournalTest, ADamagedJournalIsRefusedAndNamed) {
  ASSERT_TRUE(WriteFile(File() + ".recording", "{"));
  const auto journal = Journal::Open(File());
  ASSERT_FALSE(journal);
  EXPECT_NE(journal.error().message.find(".recording"), std::string::npos) << journal.error().message;
}

TEST_F(JournalTest, AFolderThatIsNotThereIsBadInput) {
  const auto journal = Journal::Open(File() + "/no/such/a.json");
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, ErrorCode::kBadInput);
}

TEST_F(JournalTest, ADeviceHasNoJournal) {
  auto journal = Journal::Open("/dev/null");
  ASSERT_TRUE(journal) << journal.error().message;
  ASSERT_TRUE(journal->Flush(Sample("r", 1)));
  EXPECT_FALSE(FileExists("/dev/null.recording"));
  EXPECT_TRUE(journal->Finish(Sample("r", 1)));
}

}  // namespace
}  // namespace whittle::record
