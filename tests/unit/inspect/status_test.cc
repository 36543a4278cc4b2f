#include "inspect/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/namespaces.h"

namespace whittle::inspect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kStatus =
    "Name:\tsleep\nTgid:\t40\nPid:\t42\nUid:\t0\t1000\t0\t1000\nGid:\t5\t5\t5\t5\nNSpid:\t42\t1\n"
    "CapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\n"
    "CapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000001\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:"
    "\t3\n";

TEST(Status, EveryLineIsRead) {
  const auto status = ParseStatus(kStatus, "status");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->name, "sleep");
  EXPECT_EQ(status->process, 40);
  EXPECT_THAT(status->ids, ElementsAre(42, 1));
  EXPECT_THAT(status->uids, ElementsAre(0, 1000, 0, 1000));
  EXPECT_EQ(status->capabilities.effective, 0xa80425fbu);
  EXPECT_EQ(status->capabilities.bounding, 0x1ffffffffffu);
  EXPECT_EQ(status->capabilities.ambient, 1u);
  EXPECT_TRUE(status->no_new_privs);
  EXPECT_EQ(status->seccomp_mode, 2u);
  EXPECT_EQ(status->seccomp_filters, 3u);
}

TEST(Status, KernelsBefore59DoNotCountFilters) {
  std::string text(kStatus);
  text.erase(text.find("Seccomp_filters"));
  const auto status = ParseStatus(text, "status");
  ASSERT_TRUE(status);
  EXPECT_FALSE(status->seccomp_filters);
}

TEST(Status, WhatIsMissingOrMalformedIsNamed) {
  std::string text(kStatus);
  text.erase(text.find("CapBnd"), std::string("CapBnd:\t000001ffffffffff\n").size());
  EXPECT_THAT(ParseStatus(text, "/proc/42/status").error().message,
              HasSubstr("/proc/42/status: the line CapBnd"));
  text = kStatus;
  text.replace(text.find("a80425fb"), 8, "a80425xx");
  EXPECT_THAT(ParseStatus(text, "s").error().message, HasSubstr("CapPrm is malformed"));
}

TEST(IdMaps, AreIdentityOnlyIfWhole) {
  EXPECT_TRUE(IsIdentity(ParseIdMap("         0          0 4294967295\n")));
  EXPECT_FALSE(IsIdentity(ParseIdMap("         0     100000      65536\n")));
  EXPECT_THAT(ParseIdMap("0 100000 65536\n1 x\n"), ElementsAre(IdRange{0, 100000, 65536}));
}

}  // namespace
}  // namespace whittle::inspect
