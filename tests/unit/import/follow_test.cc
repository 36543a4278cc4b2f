#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "import/follow.h"

namespace whittle::import {
namespace {

class Follow : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/whittle-follow-XXXXXX";
    folder_ = ::mkdtemp(folder);
    log_ = folder_ / "audit.log";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Append(const std::string& text) { std::ofstream(log_, std::ios::app) << text; }
  void Write(const std::string& text) { std::ofstream(log_, std::ios::trunc) << text; }
  // What one look brings; "|" before bytes of another file.
  std::string Poll() {
    got_.clear();
    EXPECT_TRUE(follower_->Poll());
    return got_;
  }
  void Start() {
    follower_.emplace(log_.string(), Follower::Take{[this](std::string_view lines) { got_ += lines; },
                                                    [this](const std::string&) { got_ += "|"; }});
  }

  std::filesystem::path folder_, log_;
  std::optional<Follower> follower_;
  std::string got_;
};

TEST_F(Follow, BringsWhatIsThereAndWhatIsAppended) {
  Write("a\n");
  Start();
  EXPECT_EQ(Poll(), "|a\n");
  EXPECT_EQ(Poll(), "");
  Append("b\n");
  EXPECT_EQ(Poll(), "b\n");
}

TEST_F(Follow, WaitsForAFileThatIsNotThereYet) {
  Start();
  EXPECT_EQ(Poll(), "");
  Write("a\n");
  EXPECT_EQ(Poll(), "|a\n");
}

TEST_F(Follow, ReadsTheRestOfARenamedFileBeforeTheNewOne) {
  Write("a\n");
  Start();
  Poll();
  Append("late\n");
  std::filesystem::rename(log_, folder_ / "audit.log.1");
  Write("b\n");
  EXPECT_EQ(Poll(), "late\n|b\n");
}

TEST_F(Follow, ReadsTheOldFileOnWhileItsWriterHasNotNoticed) {
  Write("a\n");
  Start();
  Poll();
  std::ofstream writer(log_, std::ios::app);
  std::filesystem::rename(log_, folder_ / "audit.log.1");
  Write("b\n");
  EXPECT_EQ(Poll(), "|b\n");
  writer << "late\n" << std::flush;
  EXPECT_EQ(Poll(), "late\n");
}

TEST_F(Follow, HoldsALineBackUntilItHasEnded) {
  Write("a\nhal");
  Start();
  EXPECT_EQ(Poll(), "|a\n");
  Append("f\nrest");
  EXPECT_EQ(Poll(), "half\n");
  got_.clear();
  EXPECT_TRUE(follower_->End());
  EXPECT_EQ(got_, "rest\n");
}

TEST_F(Follow, LooksIntoTheCopyWhenTheFileWasTruncated) {
  Write("first\nsecond\n");
  Start();
  Poll();
  Append("late\n");
  std::filesystem::copy_file(log_, folder_ / "audit.log.1");
  Write("b\n");
  EXPECT_EQ(Poll(), "|first\nsecond\nlate\n|b\n");
}

TEST_F(Follow, SeesATruncationThatHasGrownBeyondTheOldLength) {
  Write("first\n");
  Start();
  Poll();
  Write("another beginning, and longer than what was there\n");
  EXPECT_EQ(Poll(), "|another beginning, and longer than what was there\n");
}

TEST_F(Follow, KeepsReadingARemovedFileUntilANewOneComes) {
  Write("a\n");
  Start();
  Poll();
  std::ofstream still_open(log_, std::ios::app);
  std::filesystem::remove(log_);
  still_open << "b\n" << std::flush;
  EXPECT_EQ(Poll(), "b\n");
  Write("c\n");
  EXPECT_EQ(Poll(), "|c\n");
}

}  // namespace
}  // namespace whittle::import
