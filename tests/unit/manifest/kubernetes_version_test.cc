// Which versions of Kubernetes are taken, and as which.
#include "manifest/kubernetes_version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::manifest {
namespace {

using profile::Version;

Version Known(std::string_view text) {
  const auto parsed = ParseKubernetesVersion(text);
  EXPECT_TRUE(parsed && !parsed->newer) << text;
  return parsed ? parsed->version : Version{};
}

TEST(KubernetesVersion, IsTakenAsPeopleAndDistributionsWriteIt) {
  EXPECT_EQ(Known("1.0"), (Version{1, 0, 0}));
  EXPECT_EQ(Known("1.24"), (Version{1, 24, 0}));
  EXPECT_EQ(Known("v1.24.3"), (Version{1, 24, 3}));
  EXPECT_EQ(Known("v1.24.3+k3s1"), (Version{1, 24, 3}));
  EXPECT_EQ(Known("v1.27.3-gke.100"), (Version{1, 27, 3}));
  EXPECT_EQ(Known("1.37"), kNewestKnown);
  EXPECT_EQ(Known("1.37.9").minor, kNewestKnown.minor) << "a patch is no newer version";
}

TEST(KubernetesVersion, ThatIsToComeIsTheNewestKnownAndNotPassedOffAsKnown) {
  for (const auto text : {"1.38", "v1.99", "1.99.1"}) {
    const auto parsed = ParseKubernetesVersion(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_TRUE(parsed->newer) << text;
    EXPECT_EQ(parsed->version, kNewestKnown) << text;
  }
}

TEST(KubernetesVersion, ThatIsNoneIsRefusedAndToldWhichAreKnown) {
  for (const auto text : {"1.100", "1.999", "2.0",          "0.9",    "28.5.2",  "1",    "",
                          "v",     "1.",    "1..2",         "1.2.",   "1.2.3.4", "new",  "x1.24",
                          "1.24 ", "1.x",   "1.4294967297", "vv1.24", "+1.24",   "1.24x"}) {
    const auto parsed = ParseKubernetesVersion(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kUsage);
    EXPECT_THAT(parsed.error().message, testing::HasSubstr("known are 1.0 to 1.37"));
  }
}

}  // namespace
}  // namespace whittle::manifest
