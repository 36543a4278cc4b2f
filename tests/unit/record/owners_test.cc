#include "record/owners.h"

#include <gtest/gtest.h>

#include "shared.h"

namespace whittle::record {
namespace {

constexpr uint64_t kV1 = CgroupKey::kV1Tag;

TEST(Owners, KeepingHoldsForUndecidedCgroupsBelow) {
  Owners owners;
  owners.Add(1, "/docker/a", Decision::kUndecided);
  owners.Add(2, "/docker/a/inner", Decision::kUndecided);
  owners.Add(3, "/docker/ab", Decision::kUndecided);
  owners.Add(4 | kV1, "/docker/a", Decision::kUndecided);
  EXPECT_EQ(owners.Decide(1, Decision::kKept), (std::vector<uint64_t>{1, 2}));
  EXPECT_TRUE(owners.Reported(1));
  EXPECT_TRUE(owners.Reported(2));
  EXPECT_FALSE(owners.Reported(3)) << "a longer name is no cgroup below";
  EXPECT_FALSE(owners.Reported(4 | kV1)) << "another hierarchy";
  EXPECT_EQ(owners.Undecided().size(), 2u);
}

TEST(Owners, WhatIsKeptCoversWhatLiesBelowInItsHierarchy) {
  Owners owners;
  owners.Add(1, "/docker/a", Decision::kKept);
  owners.Add(2, "/docker/b", Decision::kUndecided);
  owners.Add(3, "", Decision::kKept);  // a process tree
  EXPECT_TRUE(owners.Covers({CgroupKey{1}, "/docker/a"}));
  EXPECT_TRUE(owners.Covers({CgroupKey{9}, "/docker/a/inner"}));
  EXPECT_FALSE(owners.Covers({CgroupKey{9}, "/docker/ab"}));
  EXPECT_FALSE(owners.Covers({CgroupKey{9 | kV1}, "/docker/a/inner"}));
  EXPECT_FALSE(owners.Covers({CgroupKey{2}, "/docker/b"}));
  EXPECT_FALSE(owners.Covers({CgroupKey{10}, "/system.slice"}));
}

// The folder of all containers is made along with the first of them: it is nobody's, and the other is wanted.
TEST(Owners, WhatLiesBelowSomethingDroppedIsStillToBeDecided) {
  Owners owners;
  owners.Add(1, "/docker", Decision::kUndecided);
  owners.Add(2, "/docker/a", Decision::kUndecided);
  EXPECT_EQ(owners.Decide(1, Decision::kDropped), (std::vector<uint64_t>{1}));
  ASSERT_EQ(owners.Undecided().size(), 1u);
  EXPECT_EQ(owners.Undecided()[0].path, "/docker/a");
  EXPECT_EQ(owners.Decide(2, Decision::kKept), (std::vector<uint64_t>{2}));
}

TEST(Owners, WhatIsKeptIsNotDroppedWithWhatLiesAbove) {
  Owners owners;
  owners.Add(1, "/docker", Decision::kUndecided);
  owners.Add(2, "/docker/a", Decision::kUndecided);
  owners.Decide(2, Decision::kKept);
  EXPECT_EQ(owners.Decide(1, Decision::kDropped), (std::vector<uint64_t>{1}));
  EXPECT_TRUE(owners.Reported(2));
}

TEST(Owners, ReportsWhatIsKeptAndWhatHasNoOwner) {
  Owners owners;
  owners.Add(1, "/docker/a", Decision::kKept);
  owners.Add(2, "/docker/b", Decision::kUndecided);
  EXPECT_TRUE(owners.Reported(1));
  EXPECT_FALSE(owners.Reported(2));
  EXPECT_FALSE(owners.Reported(3)) << "made so lately that nobody has heard of it";
  EXPECT_TRUE(owners.Reported(0));
}

TEST(Owners, DecidingWhatIsUnknownChangesNothing) {
  Owners owners;
  EXPECT_TRUE(owners.Decide(9, Decision::kKept).empty());
}

TEST(Owners, NamesHoldBelowAndDefaultToTheLastComponent) {
  Owners owners;
  owners.Add(1, "/docker/4f1a", Decision::kKept);
  owners.Add(2, "/docker/4f1a/inner", Decision::kKept);
  EXPECT_EQ(owners.ContainerName(1), "4f1a");
  owners.Name(1, "web");
  EXPECT_EQ(owners.ContainerName(1), "web");
  EXPECT_EQ(owners.ContainerName(2), "web");
  EXPECT_EQ(owners.ContainerName(WHITTLE_KEY_TREE | 1), "-");
  EXPECT_EQ(owners.ContainerName(77), "cgroup-77");
  EXPECT_EQ(owners.ContainerName(77 | kV1), "cgroup-77");
}

}  // namespace
}  // namespace whittle::record
