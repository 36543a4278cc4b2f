// Manifests: annotations become fields, line by line, and nothing else changes.
#include "export/kubernetes.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/yaml.h"
#include "export/export.h"

namespace whittle::exporting::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Moved Move(const std::string& text) {
  auto moved = MoveAnnotations(text, "pod.yaml");
  EXPECT_TRUE(moved) << (moved ? "" : moved.error().message);
  return moved.value_or(Moved());
}

Error ErrorOf(const std::string& text) {
  const auto moved = MoveAnnotations(text, "pod.yaml");
  EXPECT_FALSE(moved) << (moved ? moved->text : "");
  return moved ? Error{ErrorCode::kInternal, ""} : moved.error();
}

constexpr std::string_view kPod = R"(# the web server
apiVersion: v1
kind: Pod
metadata:
  name: web   # not a host's name
  annotations:
    seccomp.security.alpha.kubernetes.io/pod: runtime/default  # since 2019
    example.com/owner: "team # 1"
    container.seccomp.security.alpha.kubernetes.io/web: 'localhost/profiles/web.json'
spec:
  initContainers:
    - image: busybox
      name: setup
  containers:
  - name: web
    image: nginx
    securityContext:
      # as root it would bind 80
      runAsUser: 101
  - image: envoy
    name: proxy
    securityContext:
)";

TEST(Annotations, BecomeFieldsAndAllElseStays) {
  const auto moved = Move(std::string(kPod));
  EXPECT_EQ(moved.text, R"(# the web server
apiVersion: v1
kind: Pod
metadata:
  name: web   # not a host's name
  annotations:
    # since 2019
    example.com/owner: "team # 1"
spec:
  initContainers:
    - image: busybox
      name: setup
      securityContext:
        seccompProfile:
          type: RuntimeDefault
  containers:
  - name: web
    image: nginx
    securityContext:
      seccompProfile:
        type: Localhost
        localhostProfile: profiles/web.json
      # as root it would bind 80
      runAsUser: 101
  - image: envoy
    name: proxy
    securityContext:
      seccompProfile:
        type: RuntimeDefault
)");
  EXPECT_THAT(moved.moved, ElementsAre("pod.yaml:15: container web: Localhost profiles/web.json",
                                       "pod.yaml:21: container proxy: RuntimeDefault",
                                       "pod.yaml:13: init container setup: RuntimeDefault"));
  EXPECT_THAT(moved.notes, IsEmpty());
  EXPECT_EQ(Move(moved.text).text, moved.text);
}

TEST(Annotations, OfWindowsLinesAndWithoutALastOne) {
  const auto moved = Move(
      "kind: Pod\r\nmetadata:\r\n  annotations:\r\n    seccomp.security.alpha.kubernetes.io/pod: "
      "unconfined\r\nspec:\r\n"
      "  containers:\r\n  - name: a");
  EXPECT_EQ(moved.text,
            "kind: Pod\r\nmetadata:\r\nspec:\r\n  containers:\r\n  - name: a\r\n    securityContext:\r\n"
            "      seccompProfile:\r\n        type: Unconfined\r\n");
}

TEST(Annotations, OfTemplatesInListsAndSeveralDocuments) {
  const std::string deployment = R"(kind: Deployment
metadata:
  annotations:
    seccomp.security.alpha.kubernetes.io/pod: unconfined
spec:
  template:
    metadata:
      annotations: # of the pods
        seccomp.security.alpha.kubernetes.io/pod: localhost/a b
      labels: {app: a}
    spec:
      initContainers:
      - {name: i, securityContext: {seccompProfile: {type: RuntimeDefault}}}
      containers:
      - name: a
)";
  const auto moved = Move("---\n" + deployment + "---\nkind: ConfigMap\ndata: {a: b}\n");
  EXPECT_THAT(moved.text, HasSubstr("localhostProfile: \"a b\"\n"));
  EXPECT_THAT(moved.text, HasSubstr("      # of the pods\n      labels: {app: a}\n"));
  EXPECT_THAT(moved.text, HasSubstr("---\nkind: ConfigMap\ndata: {a: b}\n"));
  EXPECT_THAT(moved.notes,
              ElementsAre(HasSubstr("pod.yaml:5: seccomp.security.alpha.kubernetes.io/pod is not of a pod's"),
                          HasSubstr("init container i has the field already")));
}

TEST(Annotations, ThatSpeakOfNobodyStay) {
  const std::string text =
      "metadata:\n  annotations:\n    container.seccomp.security.alpha.kubernetes.io/b: unconfined\n"
      "spec:\n  containers:\n  - name: a\n";
  const auto moved = Move(text);
  EXPECT_EQ(moved.text, text);
  EXPECT_THAT(moved.notes, ElementsAre(HasSubstr("pod.yaml:3: no container is named 'b'")));
}

TEST(Annotations, GiveWayToAFieldOfThePod) {
  const auto moved = Move(
      "metadata:\n  annotations:\n    seccomp.security.alpha.kubernetes.io/pod: unconfined\n"
      "spec:\n  securityContext:\n    seccompProfile:\n      type: RuntimeDefault\n  containers:\n  - name: "
      "a\n");
  EXPECT_EQ(moved.text,
            "metadata:\nspec:\n  securityContext:\n    seccompProfile:\n      type: RuntimeDefault\n"
            "  containers:\n  - name: a\n");
  EXPECT_THAT(moved.notes, ElementsAre(HasSubstr("the pod has the field already")));
}

TEST(Annotations, InitContainersAreSaidToGetAProfileOfTheirPod) {
  const auto moved = Move(
      "metadata:\n  annotations:\n    seccomp.security.alpha.kubernetes.io/pod: localhost/web.json\n"
      "spec:\n  containers:\n  - name: a\n  initContainers:\n  - name: b\n");
  EXPECT_THAT(moved.notes, ElementsAre(HasSubstr("init container b gets the pod's profile")));
}

constexpr std::string_view kHead =
    "metadata:\n  annotations:\n    seccomp.security.alpha.kubernetes.io/pod: ";

TEST(Annotations, ThatSayNothingAreErrors) {
  const std::string tail = "\nspec:\n  containers:\n  - name: a\n";
  for (const std::string value :
       {"default", "localhost/", "localhost//etc/p", "localhost/../p", "1", "[a]", ""}) {
    const auto error = ErrorOf(std::string(kHead) + value + tail);
    EXPECT_EQ(error.code, ErrorCode::kBadInput) << value;
    EXPECT_THAT(error.message, HasSubstr("pod.yaml:3:")) << value;
  }
}

TEST(Annotations, OfContainersWithoutANameAreNotLost) {
  const auto error = ErrorOf(std::string(kHead) + "unconfined\nspec:\n  containers:\n  - image: nginx\n");
  EXPECT_EQ(error.code, ErrorCode::kBadInput);
  EXPECT_THAT(error.message, HasSubstr("pod.yaml:6:5: a container without a name"));
  const std::string nobody = std::string(kHead) + "unconfined\nspec:\n  containers: []\n";
  EXPECT_EQ(Move(nobody).text, nobody);
  EXPECT_THAT(Move(nobody).notes, ElementsAre(HasSubstr("has no effect and stays")));
}

TEST(Annotations, InYamlThatCannotBeChangedLineByLineAreNotTouched) {
  const std::string head = std::string(kHead) + "unconfined\nspec:\n  containers:\n";
  for (const std::string& text : {
           std::string(
               R"({"metadata": {"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}},
             "spec": {"containers": [{"name": "a"}]}})"),
           head + "  - {name: a}\n",
           head + "  - name: a\n    \"securityContext\": {}\n",
           head + "  - name: a\n    securityContext: &c {}\n  - name: b\n    securityContext: *c\n",
           head + "  - name: a\n    securityContext: []\n",
           head + "  - name: a\n    securityContext: {seccompProfile: null}\n",
           head + "  - name: a\n    securityContext:\n      {}\n",
           head + "  - name: a\n    securityContext:\n      {runAsUser: 1}\n",
           head + "  - {name: a, securityContext: {}}\n",
           head + "  - &a\n    name: a\n  - *a\n",
           head + "  - name:\n      a\n",
           std::string(
               "metadata:\n  annotations:\n    seccomp.security.alpha.kubernetes.io/pod:\n      unconfined\n"
               "spec:\n  containers:\n  - name: a\n"),
           std::string("metadata:\n  annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined}\n"
                       "spec:\n  containers:\n  - name: a\n"),
       }) {
    const auto error = ErrorOf(text);
    EXPECT_EQ(error.code, ErrorCode::kNotPossible) << text;
    EXPECT_THAT(error.message, HasSubstr("pod.yaml:")) << text;
  }
}

TEST(Annotations, TakeThePlaceOfFieldsThatAreNull) {
  const auto moved = Move(std::string(kHead) + R"(runtime/default
spec:
  securityContext:
    seccompProfile: null
  containers:
  - name: a
    securityContext:
      runAsUser: 1
      seccompProfile: null  # none yet
      privileged: false
  - name: b
    securityContext:
      seccompProfile:
  - name: c
    securityContext: ~  # nothing
  - name: d
    securityContext: null
)");
  EXPECT_EQ(moved.text, R"(metadata:
spec:
  securityContext:
    seccompProfile: null
  containers:
  - name: a
    securityContext:
      runAsUser: 1
      # none yet
      seccompProfile:
        type: RuntimeDefault
      privileged: false
  - name: b
    securityContext:
      seccompProfile:
        type: RuntimeDefault
  - name: c
    securityContext:  # nothing
      seccompProfile:
        type: RuntimeDefault
  - name: d
    securityContext:
      seccompProfile:
        type: RuntimeDefault
)");
  EXPECT_EQ(Move(moved.text).text, moved.text);
}

TEST(Annotations, ThatCannotBeMovedAreToldWithTheirPlace) {
  const std::string first = "kind: ConfigMap\n---\n";
  const std::string tail = "\nspec:\n  containers:\n  - name: a\n";
  EXPECT_THAT(ErrorOf(first + std::string(kHead) + ">-\n      runtime/default" + tail).message,
              HasSubstr("pod.yaml:5:5: the value goes on in the next lines"));
  EXPECT_THAT(
      ErrorOf(first + "x: &c {image: b}\n" + std::string(kHead) + "runtime/default" + tail +
              "  - <<: *c\n    name: b\n    securityContext: &s {}\n  - name: c\n    securityContext: *s\n")
          .message,
      HasSubstr("pod.yaml:"));
}

TEST(Annotations, GoIntoASecurityContextInFlowStyle) {
  const auto moved = Move(std::string(kHead) + R"(localhost/a b
spec:
  containers:
  - name: a
    securityContext: {}  # none
  - securityContext: {runAsUser: 1, capabilities: {drop: [ALL]}}
    name: b
  - name: c
    securityContext: { runAsUser: 1,
      readOnlyRootFilesystem: true }
  - name: d
    securityContext: {seccompProfile: {type: Unconfined}}
  - name: e
    securityContext: &e
      runAsUser: 1
  - name: f
    securityContext: {
      runAsUser: 1}
)");
  EXPECT_EQ(moved.text, R"(metadata:
spec:
  containers:
  - name: a
    securityContext: {seccompProfile: {type: Localhost, localhostProfile: "a b"}}  # none
  - securityContext: {seccompProfile: {type: Localhost, localhostProfile: "a b"}, runAsUser: 1, capabilities: {drop: [ALL]}}
    name: b
  - name: c
    securityContext: {seccompProfile: {type: Localhost, localhostProfile: "a b"}, runAsUser: 1,
      readOnlyRootFilesystem: true }
  - name: d
    securityContext: {seccompProfile: {type: Unconfined}}
  - name: e
    securityContext: &e
      seccompProfile:
        type: Localhost
        localhostProfile: "a b"
      runAsUser: 1
  - name: f
    securityContext: {seccompProfile: {type: Localhost, localhostProfile: "a b"},
      runAsUser: 1}
)");
  EXPECT_EQ(moved.moved.size(), 5u);
  EXPECT_THAT(moved.notes, ElementsAre(HasSubstr("container d has the field already")));
}

// Every manifest, with lines taken out, moved and doubled: the answer is an error, or has the old
// annotations' fields and nothing else; MoveAnnotations() itself compares.
TEST(Annotations, OfDamagedManifestsAreNeverHalfMoved) {
  const std::string text = std::string(kPod) + "      {runAsUser: 1}\n  - name: b\n    securityContext: {}\n";
  for (size_t cut = 0; cut < text.size(); ++cut) {
    const auto moved =
        MoveAnnotations(text.substr(0, cut) + text.substr(std::min(cut + 7, text.size())), "pod.yaml");
    EXPECT_TRUE(!moved || yaml::Parse(moved->text, "again")) << moved->text;
  }
}

// A node's runtime passes over what docker reads: the file's rule would do nothing there.
TEST(Field, SaysWhatANodeWouldNotRead) {
  const auto document = profile::Read(
      R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "chmod", "action": "SCMP_ACT_ERRNO"}]})",
      "dir/chmod.json", profile::Reading::kAsRuntimes);
  ASSERT_TRUE(document);
  profile::Target target;
  target.loader_version = {28, 5, 2};
  const auto exported = Export(**FindFormat("kubernetes"), *document, target, {});
  ASSERT_TRUE(exported) << exported.error().message;
  EXPECT_THAT(exported->lost, Contains("looser: x86_64: chmod (/syscalls/0): ALLOW instead of ERRNO(1)"));
  EXPECT_THAT(exported->notes, Contains(HasSubstr("--to oci")));
  const auto read = yaml::Parse(exported->text, "field.yaml");
  ASSERT_TRUE(read);
  const auto* field = read->front().Find("securityContext")->Find("seccompProfile");
  EXPECT_EQ(field->Find("type")->text, "Localhost");
  EXPECT_EQ(field->Find("localhostProfile")->text, "profiles/chmod.json");
}

}  // namespace
}  // namespace whittle::exporting::testing
