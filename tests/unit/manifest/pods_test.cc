// Where pods are, what they hold, and the paths and annotations that they have.
#include "manifest/pods.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/localhost.h"
#include "manifest/pod_security.h"
#include "manifest/read.h"

namespace whittle::manifest {
namespace {

using testing::ElementsAre;

std::vector<std::string> Pointers(const std::vector<Pod>& pods) {
  std::vector<std::string> pointers;
  for (const auto& pod : pods) pointers.push_back(pod.place.pointer);
  return pointers;
}

json::Value Parsed(std::string_view text) {
  auto root = Read(text, "pods.yaml");
  EXPECT_TRUE(root) << (root ? "" : root.error().message);
  return root.value_or(json::Value());
}

TEST(Pods, AreFoundInWhateverHoldsThem) {
  const auto root = Parsed(R"(kind: Pod
spec: {containers: [{name: a}]}
---
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: a}]}}}
---
kind: List
items:
- {kind: Pod, metadata: {name: x}, spec: {containers: [{name: a}]}}
- {kind: Service, spec: {ports: []}}
- {kind: CronJob, metadata: {name: a/b~}, spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}}}
---
kind: Pod
spec: {containers: []}
)");
  const auto pods = FindPods(root);
  EXPECT_THAT(Pointers(pods), ElementsAre("/0", "/1/spec/template", "/2/items/0",
                                          "/2/items/2/spec/jobTemplate/spec/template"));
  EXPECT_EQ(pods[0].Name(), "Pod");
  EXPECT_EQ(pods[1].Name(), "Deployment web");
  EXPECT_EQ(pods[2].Name(), "Pod x");
  EXPECT_EQ(pods[3].Name(), "CronJob a/b~");
}

TEST(Pods, HoldContainersInTheOrderOfTheApiServer) {
  const auto root = Parsed(R"(kind: Pod
metadata: {annotations: {seccomp.security.alpha.kubernetes.io/pod: x, other: y}}
spec:
  ephemeralContainers: [{name: e}]
  containers: [{name: c, securityContext: {privileged: true, seccompProfile: {type: Localhost}}}, {image: x}]
  initContainers: [{name: i}]
  os: {name: windows}
  securityContext: {seccompProfile: {type: RuntimeDefault}}
)");
  const auto pods = FindPods(root);
  ASSERT_EQ(pods.size(), 1u);
  const auto& containers = pods[0].containers;
  ASSERT_EQ(containers.size(), 4u);
  EXPECT_EQ(containers[0].place.pointer, "/spec/initContainers/0");
  EXPECT_EQ(containers[1].name, "c");
  EXPECT_EQ(containers[1].profile.pointer, "/spec/containers/0/securityContext/seccompProfile");
  EXPECT_TRUE(containers[1].privileged);
  EXPECT_EQ(containers[2].name, "");
  EXPECT_EQ(containers[3].kind, Kind::kEphemeral);
  EXPECT_EQ(&ProfileOf(pods[0], containers[0]), &pods[0].profile);
  EXPECT_EQ(&ProfileOf(pods[0], containers[1]), &containers[1].profile);
  EXPECT_TRUE(pods[0].windows);
  ASSERT_EQ(pods[0].annotations.size(), 1u);
  EXPECT_EQ(pods[0].annotations[0].place.pointer,
            "/metadata/annotations/seccomp.security.alpha.kubernetes.io~1pod");
}

TEST(Pods, ShareTheAnnotationsAroundThem) {
  std::string annotations, pods;
  for (int i = 0; i < 50; ++i)
    annotations += fmt::format("container.seccomp.security.alpha.kubernetes.io/{}: x, ", i);
  for (int i = 0; i < 50; ++i) pods += fmt::format("p{}: {{spec: {{containers: [{{name: a}}]}}}}, ", i);
  const auto root =
      Parsed(fmt::format("{{metadata: {{name: n, annotations: {{{}}}}}, {} kind: Web}}", annotations, pods));
  const auto found = FindPods(root);
  ASSERT_EQ(found.size(), 50u);
  EXPECT_EQ(found[0].misplaced.size(), 50u);
  size_t others = 0;
  for (const auto& pod : found) {
    EXPECT_EQ(pod.Name(), "Web n");
    others += pod.misplaced.size();
  }
  EXPECT_EQ(others, 50u) << "once for all";
}

TEST(Pods, AreNotLookedForWithoutEnd) {
  std::string text = "kind: Pod\nspec: {containers: [{name: a}]}";
  std::string deep;
  for (int i = 0; i < 30; ++i) deep += "{a: ";
  deep += "{spec: {containers: [{name: a}]}}" + std::string(30, '}');
  EXPECT_TRUE(FindPods(Parsed(deep)).empty());
  EXPECT_EQ(FindPods(Parsed(text)).size(), 1u);
}

TEST(Manifest, IsKnownByItsPodsOrKind) {
  EXPECT_TRUE(IsManifest(Parsed("{kind: List, items: []}"), false));
  EXPECT_FALSE(IsManifest(Parsed("{kind: Service, apiVersion: v1}"), false));
  EXPECT_TRUE(IsManifest(Parsed("{kind: Service, apiVersion: v1}"), true));
  EXPECT_TRUE(IsManifest(Parsed("a: b\n---\nspec: {containers: [{name: a}]}"), false));
  EXPECT_FALSE(IsManifest(Parsed("services: {web: {image: nginx}}"), true));
}

TEST(LocalhostProfile, PathsAreTheKubelets) {
  for (const std::string path : {"profiles/app.json", "localhost/app", "profiles/v1..2/app.json", "app"})
    EXPECT_TRUE(CheckLocalhostProfile(path)) << path;
  for (const std::string path : {"", "/var/lib/kubelet/seccomp/app.json", "../app.json", "a/../b", "a/.."})
    EXPECT_FALSE(CheckLocalhostProfile(path)) << path;
  EXPECT_EQ(CleanPath("./a//b/./c.json"), "a/b/c.json");
  EXPECT_EQ(CleanPath("a/"), "a");
  EXPECT_EQ(CleanPath("./"), "");
}

TEST(Annotation, SaysWhatAFieldWould) {
  EXPECT_EQ(FieldOfAnnotation("docker/default")->Text(), "RuntimeDefault");
  EXPECT_EQ(FieldOfAnnotation("unconfined")->Text(), "Unconfined");
  EXPECT_EQ(FieldOfAnnotation("localhost/a/b.json")->Text(), "Localhost a/b.json");
  for (const json::Value& value : {json::Value("Unconfined"), json::Value("localhost/"),
                                   json::Value("localhost//a"), json::Value(5), json::Value()})
    EXPECT_FALSE(FieldOfAnnotation(value));
}

TEST(PodSecurity, NamesWhoIsRefusedInOrder) {
  const auto root = Parsed(R"(kind: Pod
spec:
  securityContext: {seccompProfile: {type: Unconfined}}
  containers: [{name: a}, {name: b, securityContext: {seccompProfile: {}}}]
  initContainers: [{name: i, securityContext: {seccompProfile: {type: X}}}]
)");
  const auto pods = FindPods(root);
  const auto refusals = JudgePodSecurity(pods[0], Level::kRestricted, std::nullopt);
  ASSERT_EQ(refusals.size(), 3u);
  EXPECT_EQ(refusals[0].container, nullptr);
  EXPECT_EQ(refusals[1].container->name, "i");
  EXPECT_EQ(refusals[1].value, "X");
  EXPECT_EQ(refusals[2].container->name, "b");
  EXPECT_EQ(refusals[2].place.pointer, "/spec/containers/1/securityContext/seccompProfile");
  EXPECT_FALSE(refusals[2].missing);
}

TEST(StrayAnnotations, StandInNoPodWhateverTheyStandIn) {
  const std::string annotation = "seccomp.security.alpha.kubernetes.io/pod: unconfined";
  const json::Value document = Parsed("kind: List\nitems:\n- metadata: {annotations: {" + annotation +
                                      "}}\n" + "  spec: {template: {metadata: {annotations: {" + annotation +
                                      "}}, spec: {containers: [{name: a}]}}}\n- {" + annotation + "}\n");
  std::vector<uint32_t> lines;
  for (const auto* member : StrayAnnotations(document)) lines.push_back(member->at.line);
  EXPECT_THAT(lines, ElementsAre(3, 5)) << "that on line 4 is the pod's own";
  std::string deep;
  for (int i = 0; i < 30; ++i) deep += "{a: ";
  EXPECT_TRUE(StrayAnnotations(Parsed(deep + "{" + annotation + "}" + std::string(30, '}'))).empty());
}

}  // namespace
}  // namespace whittle::manifest
