// Whom the operator's finalizers wait for, and what cannot be told.
#include "manifest/finalizers.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/read.h"

namespace whittle::manifest {
namespace {

using State = Finalizer::State;
using testing::ElementsAre;
using testing::HasSubstr;

json::Value Parsed(std::string_view text) {
  auto root = Read(text, "object.yaml");
  EXPECT_TRUE(root) << (root ? "" : root.error().message);
  return root.value_or(json::Value());
}

json::Value WithFinalizers(std::string_view list) {
  return Parsed(fmt::format("metadata: {{name: app, finalizers: [{}]}}", list));
}

Cluster Known(std::string_view nodes, std::string_view pods = "") {
  Cluster cluster;
  EXPECT_TRUE(AddNodes(nodes, "nodes", cluster));
  EXPECT_TRUE(pods.empty() || AddPods(pods, "pods", cluster));
  return cluster;
}

std::vector<State> States(const json::Value& object, const Cluster& cluster) {
  std::vector<State> states;
  for (const auto& finalizer : FinalizerJudge(cluster).Judge(object)) states.push_back(finalizer.state);
  return states;
}

// A node's name of 73 characters, of which an old operator kept 55 and a new one 16.
const std::string kLongNode = "ip-10-0-0-1." + std::string(61, 'x');

TEST(Finalizers, OfNodesThatAreThereAndGone) {
  const auto object = WithFinalizers("node-a-deleted, node-b-delete, example.com/other, node-a-delete");
  const auto cluster = Known("node-a\n");
  const auto judged = FinalizerJudge(cluster).Judge(object);
  ASSERT_EQ(judged.size(), 3u) << "others' are not named";
  EXPECT_EQ(judged[0].state, State::kWaiting);
  EXPECT_EQ(judged[1].state, State::kStale);
  EXPECT_EQ(judged[1].why, "node node-b is gone");
  EXPECT_EQ(judged[2].index, 3u) << "its place among all of them";
  EXPECT_THAT(States(object, Cluster()), ElementsAre(State::kUnknown, State::kUnknown, State::kUnknown));
}

TEST(Finalizers, OfNodesWithLongNames) {
  const auto cluster = Known("a\n" + kLongNode + "\n");
  const auto object = WithFinalizers(fmt::format("{}-deleted, {}-5f3a-deleted, ip-10-0-0-2.xxxx-5f3a-deleted",
                                                 kLongNode.substr(0, 55), kLongNode.substr(0, 16)));
  EXPECT_THAT(States(object, cluster), ElementsAre(State::kWaiting, State::kWaiting, State::kStale));
  EXPECT_THAT(States(WithFinalizers(kLongNode.substr(0, 16) + "-deleted"), cluster),
              ElementsAre(State::kStale))
      << "a short name is a node's own, whole";
}

TEST(Finalizers, OfUseByPods) {
  const auto object = Parsed(
      "metadata: {name: app, finalizers: [in-use-by-active-pods]}\n"
      "status: {localhostProfile: operator/app.json, activeWorkloads: [ns/web-1, ns/web-2, ns/web-3, "
      "ns/web-4]}");
  const auto cluster = Known("node-a\n", "ns/web-1 node-a Completed\nns/web-2 node-b Running\n");
  const auto judged = FinalizerJudge(cluster).Judge(object);
  ASSERT_EQ(judged.size(), 1u);
  EXPECT_EQ(judged[0].state, State::kStale);
  EXPECT_EQ(judged[0].why,
            "ns/web-1 has ended, ns/web-2 was on node node-b, which is gone, ns/web-3 is gone and 1 more");
  EXPECT_THAT(States(object, Known("node-a\n", "ns/web-4 node-a Running\n")), ElementsAre(State::kWaiting));
  EXPECT_THAT(States(object, Known("node-a\n")), ElementsAre(State::kUnknown));
}

TEST(Finalizers, OfAPodThatUsesTheFileAndIsOnNoList) {
  const auto object = Parsed(
      "metadata: {name: app, finalizers: [in-use-by-active-pods]}\n"
      "status: {localhostProfile: operator/app.json}");
  const auto pod = Parsed(
      "{kind: Pod, metadata: {name: web, namespace: ns}, status: {phase: Running}, spec: {containers: "
      "[{name: a, "
      "securityContext: {seccompProfile: {type: Localhost, localhostProfile: ./operator/app.json}}}]}}");
  Cluster cluster;
  AddObjects(Objects(pod), cluster);
  const auto judged = FinalizerJudge(cluster).Judge(object);
  ASSERT_EQ(judged.size(), 1u);
  EXPECT_EQ(judged[0].state, State::kWaiting);
  EXPECT_THAT(judged[0].why, HasSubstr("pod ns/web uses"));
}

TEST(Finalizers, NothingIsConcludedOfANamespaceOfWhichNoPodIsKnown) {
  const auto object = Parsed(
      "metadata: {name: app, finalizers: [in-use-by-active-pods]}\nstatus: {activeWorkloads: [other/api]}");
  const auto pod = Parsed(
      "{kind: Pod, metadata: {name: web, namespace: ns}, status: {phase: Running}, spec: {containers: "
      "[{name: a}]}}");
  Cluster cluster;
  AddObjects(Objects(pod), cluster);
  EXPECT_THAT(States(object, cluster), ElementsAre(State::kUnknown));
  cluster.all_pods = true;
  EXPECT_THAT(States(object, cluster), ElementsAre(State::kStale));
}

TEST(Finalizers, OfOthersAreNotOurs) {
  const auto volume = Parsed("apiVersion: v1\nmetadata: {finalizers: [node-b-deleted]}");
  EXPECT_FALSE(HasFinalizers(volume));
  EXPECT_THAT(States(volume, Known("node-a\n")), testing::IsEmpty());
}

}  // namespace
}  // namespace whittle::manifest
