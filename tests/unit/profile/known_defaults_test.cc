// Which profiles are known as docker's and podman's own.
#include "profile/known_defaults.h"

#include <gtest/gtest.h>

#include "profile/catalogue.h"
#include "profile/document.h"

namespace whittle::profile {
namespace {

std::optional<Loader> OwnerOf(std::string_view text) {
  const auto root = json::Parse(text, "profile");
  EXPECT_TRUE(root) << root.error().message;
  return root ? DefaultOf(*root) : std::nullopt;
}

TEST(KnownDefaults, AreThoseOfTheCatalogueAsWell) {
  EXPECT_EQ(OwnerOf(*CatalogueText("docker-default")), Loader::kDocker);
  EXPECT_EQ(OwnerOf(*CatalogueText("podman-default")), Loader::kPodman);
  EXPECT_EQ(OwnerOf(*CatalogueText("allow-all")), std::nullopt);
}

TEST(KnownDefaults, AreKnownWhateverTheirWhiteSpace) {
  std::string text;
  const std::string_view indented = *CatalogueText("docker-default");
  for (const char c : indented) text += c == '\n' ? "\r\n\t" : std::string(1, c);
  EXPECT_EQ(OwnerOf(text), Loader::kDocker);
}

TEST(KnownDefaults, AreNoLongerThatOnceTheyAreChanged) {
  std::string text(*CatalogueText("docker-default"));
  text.replace(text.find("\"accept\""), 8, "\"acct\"");
  EXPECT_EQ(OwnerOf(text), std::nullopt);
}

}  // namespace
}  // namespace whittle::profile
