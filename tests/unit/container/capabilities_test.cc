#include "container/capabilities.h"

#include <gtest/gtest.h>

namespace whittle::container {
namespace {

using Names = std::set<std::string>;
using List = std::vector<std::string>;

TEST(CapabilitiesTest, NamesTheBitsOfAMask) {
  EXPECT_EQ(CapabilitiesOfMask(0), Names{});
  EXPECT_EQ(CapabilitiesOfMask(uint64_t{1} << 21 | 1), (Names{"CAP_CHOWN", "CAP_SYS_ADMIN"}));
  EXPECT_EQ(CapabilitiesOfMask(~uint64_t{0}).size(), AllCapabilities().size());
  EXPECT_EQ(AllCapabilities()[40], "CAP_CHECKPOINT_RESTORE");
}

TEST(CapabilitiesTest, AddsAndDropsAsDockerDoes) {
  const Names defaults = {"CAP_CHOWN", "CAP_KILL"};
  EXPECT_EQ(TweakCapabilities(defaults, {}, {}), defaults);
  EXPECT_EQ(TweakCapabilities(defaults, List{"net_raw"}, List{"CAP_KILL"}),
            (Names{"CAP_CHOWN", "CAP_NET_RAW"}));
  EXPECT_EQ(TweakCapabilities(defaults, List{"SYS_PTRACE"}, List{"ALL"}), Names{"CAP_SYS_PTRACE"});
  EXPECT_EQ(TweakCapabilities(defaults, List{"all"}, List{"CHOWN"}).size(), AllCapabilities().size() - 1);
}

}  // namespace
}  // namespace whittle::container
