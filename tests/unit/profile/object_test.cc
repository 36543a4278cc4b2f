// SeccompProfile objects as profiles.
#include "profile/object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::profile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kObject = R"(# a comment
apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata: {name: web}
spec:
  baseProfileName: ""
  disabled: false
  defaultAction: SCMP_ACT_ERRNO
  architectures: [SCMP_ARCH_X86_64]
  syscalls:
  - action: SCMP_ACT_ALLOW
    names: [clone]
    args:
    - {index: 0, value: 2114060288, op: SCMP_CMP_MASKED_EQ}
)";

TEST(Object, IsReadWithConditionsAndPlaces) {
  const auto document = ReadWithObjects(kObject, "web.yaml");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->default_action, Action::kErrno);
  EXPECT_THAT(document->architectures, ElementsAre("SCMP_ARCH_X86_64"));
  ASSERT_EQ(document->rules.size(), 1U);
  EXPECT_EQ(document->rules[0].at.line, 11U);
  ASSERT_EQ(document->rules[0].conditions.size(), 1U);
  EXPECT_EQ(document->rules[0].conditions[0].value, 2114060288U);
}

TEST(Object, IsReadAsJsonAndPlainProfilesAreWhatTheyWere) {
  const std::string spec = R"({"defaultAction": "SCMP_ACT_LOG"})";
  const auto object = ReadWithObjects(R"({"kind": "SeccompProfile", "spec": )" + spec + "}", "web.json");
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(object->default_action, Action::kLog);
  const auto plain = ReadWithObjects(spec, "web.json");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(Write(*plain), Write(*Read(spec, "web.json")));
}

std::string ErrorOf(const std::string& text) {
  const auto document = ReadWithObjects(text, "web.yaml");
  return document ? "none" : document.error().message;
}

TEST(Object, OfAnotherKindIsNamedAsWhatItIs) {
  EXPECT_THAT(ErrorOf("apiVersion: v1\nkind: Pod\n"),
              HasSubstr("web.yaml: a manifest (Pod), and no profile: "));
  EXPECT_THAT(ErrorOf("---\na: b\n---\napiVersion: v1\nkind: \"x\\e[2J\"\n"),
              HasSubstr("a manifest (x\\x1b[2J)"));
  EXPECT_THAT(ErrorOf("kind: of thing\n"), HasSubstr("not valid JSON"));
}

TEST(Object, ThatIsNoWholeProfileIsAnError) {
  EXPECT_THAT(ErrorOf("kind: SeccompProfile\nspec:\n  baseProfileName: base\n"),
              HasSubstr("web.yaml:3:20: /spec/baseProfileName: the profile adds to 'base'"));
  EXPECT_THAT(ErrorOf("kind: SeccompProfile\nspec: none\n"), HasSubstr("web.yaml:1:1: /spec: "));
  EXPECT_THAT(ErrorOf("kind: SeccompProfile\nspec: [\n"), HasSubstr("web.yaml:"));
  EXPECT_THAT(ErrorOf(std::string(kObject) + "---\n" + std::string(kObject)),
              HasSubstr("2 objects in one file"));
  EXPECT_THAT(ErrorOf("kind: Pod\nspec: {defaultAction: SCMP_ACT_LOG}\n"), HasSubstr("not valid JSON"));
}

// What docker is given is read as docker does.
TEST(Object, IsNoProfileForAnEngine) { EXPECT_FALSE(Read(kObject, "web.yaml", Reading::kAsRuntimes)); }

}  // namespace
}  // namespace whittle::profile
