#include "inspect/mounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::inspect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Mount> Parsed(std::string_view text) {
  const auto mounts = ParseMountInfo(text, "mountinfo");
  EXPECT_TRUE(mounts) << mounts.error().message;
  return mounts.value_or(std::vector<Mount>{});
}

constexpr std::string_view kHost =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "23 22 0:21 / /run rw,nosuid shared:5 - tmpfs tmpfs rw,size=1000k\n";

constexpr std::string_view kContainer =
    "100 50 0:40 / / ro,relatime master:9 - overlay overlay rw,lowerdir=/a\n"
    "101 100 0:41 / /proc rw,nosuid - proc proc rw\n"
    "102 101 0:41 /sys /proc/sys ro,nosuid - proc proc rw\n"
    "103 101 0:42 / /proc/acpi ro - tmpfs tmpfs ro\n"
    "104 101 0:43 /null /proc/kcore rw - devtmpfs udev rw\n"
    "105 100 0:44 / /sys ro - sysfs sysfs ro\n"
    "106 100 0:21 /docker.sock /var/run/my\\040socket rw - tmpfs tmpfs rw\n";

TEST(Mounts, TheRootAndWhatIsCoveredAreSeen) {
  const auto mounts = Parsed(kContainer);
  ASSERT_NE(MountOf(mounts, "/etc/passwd"), nullptr);
  EXPECT_EQ(MountOf(mounts, "/etc/passwd")->type, "overlay");
  EXPECT_TRUE(MountOf(mounts, "/")->read_only);
  const auto covered = CoveredPaths(mounts);
  EXPECT_THAT(covered.masked, ElementsAre("/proc/acpi", "/proc/kcore"));
  EXPECT_THAT(covered.read_only, ElementsAre("/proc/sys", "/sys"));
}

TEST(Mounts, ASocketIsFoundUnderAnyName) {
  EXPECT_THAT(SeenAs(Parsed(kContainer), Parsed(kHost), "/run/docker.sock"),
              ElementsAre("/var/run/my socket"));
  EXPECT_THAT(SeenAs(Parsed(kContainer), Parsed(kHost), "/run/containerd/containerd.sock"), IsEmpty());
}

TEST(Mounts, AFolderOfTheHostBringsAllThatIsInIt) {
  const auto mounts = Parsed(std::string(kContainer) + "107 100 0:21 / /host/run rw - tmpfs tmpfs rw\n");
  EXPECT_THAT(SeenAs(mounts, Parsed(kHost), "/run/docker.sock"),
              ElementsAre("/host/run/docker.sock", "/var/run/my socket"));
}

TEST(Mounts, WhatLiesUnderAnotherMountIsOutOfReach) {
  const auto mounts = Parsed(std::string(kContainer) +
                             "107 100 0:21 / /host/run rw - tmpfs tmpfs rw\n"
                             "108 100 0:50 / /host rw - tmpfs tmpfs rw\n"
                             "109 100 0:51 / /var/run rw - tmpfs tmpfs rw\n");
  EXPECT_THAT(SeenAs(mounts, Parsed(kHost), "/run/docker.sock"), IsEmpty());
  EXPECT_EQ(MountOf(mounts, "/host/run/docker.sock")->device, "0:50");
}

TEST(Mounts, BrokenLinesAreNamed) {
  EXPECT_EQ(ParseMountInfo("1 2 3\n", "m").error().message, "m:1: no line of a mount table");
  EXPECT_FALSE(ParseMountInfo("100 50 0:40 / / ro master:9 overlay overlay rw\n", "m"));
}

}  // namespace
}  // namespace whittle::inspect
