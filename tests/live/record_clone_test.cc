// The recorder tells of each clone and clone3 whether it asked for namespaces, in every epoch, from the first
// to the last.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <set>

#include "record_harness.h"
#include "syscalls/table.h"

namespace whittle::record {
namespace {

class RecordClone : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
  }
};

// "x86_64 clone ordinary" of all that was seen.
std::set<std::string> Clones(std::vector<std::string> words, int64_t epoch_ms = 1000) {
  words.insert(words.begin(), RECORD_CLONE);
  Options options;
  options.epoch_ms = epoch_ms;
  const auto evidence = RecordCommand(std::move(options), words);
  EXPECT_TRUE(evidence) << evidence.error().message;
  std::set<std::string> clones;
  if (!evidence) return clones;
  for (const auto& [subject, calls] : evidence->subjects) {
    for (const auto& [key, observation] : calls) {
      const auto name = SyscallText(key.abi, key.number);
      if (subject.executable != RECORD_CLONE || !name.starts_with("clone")) continue;
      clones.insert(
          fmt::format("{} {} {}", AbiName(key.abi), name, evidence::CloneFlagsName(key.clone_flags)));
    }
  }
  return clones;
}

using Set = std::set<std::string>;

TEST_F(RecordClone, OrdinaryChildrenAreToldFromNamespaces) {
  EXPECT_EQ(Clones({"clone"}), (Set{"x86_64 clone ordinary"}));
  EXPECT_EQ(Clones({"clone-user"}), (Set{"x86_64 clone namespaces"}));
  EXPECT_EQ(Clones({"clone-cgroup"}), (Set{"x86_64 clone namespaces"}));
  EXPECT_EQ(Clones({"i386"}), (Set{"i386 clone ordinary"}));
  EXPECT_EQ(Clones({"i386-user"}), (Set{"i386 clone namespaces"}));
}

TEST_F(RecordClone, FlagsOfClone3AreReadFromMemory) {
  EXPECT_EQ(Clones({"clone3"}), (Set{"x86_64 clone3 ordinary"}));
  EXPECT_EQ(Clones({"clone3-user"}), (Set{"x86_64 clone3 namespaces"}));
  EXPECT_EQ(Clones({"clone3-time"}), (Set{"x86_64 clone3 namespaces"}));
  EXPECT_EQ(Clones({"clone3-into-cgroup"}), (Set{"x86_64 clone3 only-clone3"}));
  EXPECT_EQ(Clones({"clone3-set-tid"}), (Set{"x86_64 clone3 only-clone3"}));
  EXPECT_EQ(Clones({"clone3-unreadable"}), (Set{"x86_64 clone3 unknown"}));
}

// One call with namespaces among thousands without, with whatever epoch: it never takes the short path.
TEST_F(RecordClone, TheOneWithNamespacesIsNotLostAmongMany) {
  for (const int64_t epoch_ms : {5, 1000}) {
    std::vector<std::string> words(600, "clone");
    words.insert(words.end() - 7, "clone-user");
    EXPECT_EQ(Clones(words, epoch_ms), (Set{"x86_64 clone ordinary", "x86_64 clone namespaces"}));
  }
}

}  // namespace
}  // namespace whittle::record
