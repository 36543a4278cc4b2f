// Nodes and pods, in every form in which people have them.
#include "manifest/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whittle::manifest {
namespace {

using testing::ElementsAre;
using testing::Pair;

Cluster Nodes(std::string_view text) {
  Cluster cluster;
  const auto added = AddNodes(text, "nodes", cluster);
  EXPECT_TRUE(added) << (added ? "" : added.error().message);
  return cluster;
}

Cluster Pods(std::string_view text) {
  Cluster cluster;
  const auto added = AddPods(text, "pods", cluster);
  EXPECT_TRUE(added) << (added ? "" : added.error().message);
  return cluster;
}

TEST(Nodes, AsNamesAndTablesAndObjects) {
  EXPECT_THAT(*Nodes("node-a\nnode-c\n").nodes, ElementsAre(Pair("node-a", true), Pair("node-c", true)));
  EXPECT_THAT(*Nodes("node/node-a\r\n\n# by hand\nnode/node-c").nodes,
              ElementsAre(Pair("node-a", true), Pair("node-c", true)));
  EXPECT_THAT(*Nodes("NAME     STATUS                     ROLES    AGE\n"
                     "node-a   Ready,SchedulingDisabled   <none>   4d\n"
                     "node-b   NotReady                   <none>   4d\n")
                   .nodes,
              ElementsAre(Pair("node-a", true), Pair("node-b", false)));
  EXPECT_THAT(*Nodes(R"({"kind": "NodeList", "items": [{"kind": "Node", "metadata": {"name": "n"},
                        "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}]})")
                   .nodes,
              ElementsAre(Pair("n", false)));
  EXPECT_TRUE(Nodes("").nodes->empty()) << "none is known, which is not the same as nothing";
}

TEST(Pods, AsLinesAndTablesAndObjects) {
  const auto lines = Pods("ns1/web-1 node-a Terminated\nns1/web-2 node-b Running\nplain\n");
  EXPECT_TRUE(lines.pods->at("ns1/web-1").ended);
  EXPECT_EQ(lines.pods->at("ns1/web-1").node, "node-a");
  EXPECT_FALSE(lines.pods->at("ns1/web-2").ended);
  EXPECT_FALSE(lines.pods->at("default/plain").ended);
  const auto table = Pods(
      "NAMESPACE   NAME    READY   STATUS      RESTARTS      AGE   IP       NODE     NOMINATED NODE\n"
      "prod        web-1   0/1     Completed   0             4d    <none>   node-a   <none>\n"
      "prod        web-2   1/1     Running     1 (5m ago)    4d    <none>   node-b   <none>\n");
  EXPECT_TRUE(table.pods->at("prod/web-1").ended);
  EXPECT_EQ(table.pods->at("prod/web-2").node, "node-b");
  EXPECT_FALSE(table.pods->at("prod/web-2").ended);
  const auto objects = Pods(R"(apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {nodeName: n, containers: [{name: a, securityContext: {seccompProfile: {type: Localhost, localhostProfile: ./a.json}}}]}
status: {phase: Failed}
---
apiVersion: v1
kind: Pod
metadata: {name: not-created-yet}
spec: {containers: [{name: a}]}
)");
  ASSERT_EQ(objects.pods->size(), 1u);
  EXPECT_TRUE(objects.pods->at("default/web").ended);
  EXPECT_THAT(objects.pods->at("default/web").localhost_profiles, ElementsAre("a.json"));
}

TEST(Cluster, BrokenObjectsAreErrorsWithAPlace) {
  Cluster cluster;
  const auto added = AddNodes("kind: List\nitems: [", "nodes.yaml", cluster);
  ASSERT_FALSE(added);
  EXPECT_TRUE(added.error().message.starts_with("nodes.yaml:")) << added.error().message;
}

}  // namespace
}  // namespace whittle::manifest
