#include "container/recording_plan.h"

#include <gtest/gtest.h>

namespace whittle::container {
namespace {

RecordingPlan Of(TargetKind kind, const std::string& name) {
  RecordingPlan plan;
  plan.kind = kind;
  plan.name = name;
  return plan;
}

ContainerSummary With(const std::string& image, const std::string& image_id) {
  ContainerSummary summary;
  summary.image = image;
  summary.image_id = image_id;
  return summary;
}

TEST(RecordingPlanTest, AContainerIsWantedByNameIdAndPrefix) {
  ContainerSummary web = With("nginx", "");
  web.id = "5b1afbf3775929b16c18";
  web.name = "web";
  EXPECT_TRUE(IsWanted(Of(TargetKind::kContainer, "web"), web, nullptr));
  EXPECT_TRUE(IsWanted(Of(TargetKind::kContainer, "5b1afbf37759"), web, nullptr));
  EXPECT_FALSE(IsWanted(Of(TargetKind::kContainer, "5b1afb"), web, nullptr)) << "too short to be sure";
  EXPECT_FALSE(IsWanted(Of(TargetKind::kContainer, "nginx"), web, nullptr));
  auto short_prefix = Of(TargetKind::kContainer, "5b1afb");
  short_prefix.id = web.id;  // its engine said whom it means
  EXPECT_TRUE(IsWanted(short_prefix, web, nullptr));
}

TEST(RecordingPlanTest, AnImagesContainersAreToldByWhatTheEngineResolves) {
  const Image image{.id = "aaaa", .names = {"nginx:1.22", "web:latest"}};
  const auto plan = Of(TargetKind::kImage, "web");
  EXPECT_TRUE(IsWanted(plan, With("web", "bbbb"), &image)) << "asked for by the same words";
  EXPECT_TRUE(IsWanted(plan, With("nginx:1.22", "aaaa"), &image));
  EXPECT_FALSE(IsWanted(plan, With("nginx:1.22", "bbbb"), &image)) << "the tag has moved";
  EXPECT_TRUE(IsWanted(plan, With("nginx:1.22", ""), &image)) << "an engine that tells no ids";
  EXPECT_FALSE(IsWanted(plan, With("nginx:1.23", ""), &image));
  EXPECT_FALSE(IsWanted(plan, With("nginx:1.22", "aaaa"), nullptr));
}

TEST(RecordingPlanTest, ContainersOfAnImageHaveOneNameOnEveryEngine) {
  const Image docker{.id = "aaaa", .names = {"other:1", "nginx:latest"}};
  const Image podman{.id = "aaaa", .names = {"docker.io/library/nginx:latest"}};
  const Image untagged{.id = "aaaa", .names = {}};
  EXPECT_EQ(SubjectOfImage("nginx", &docker), "nginx:latest");
  EXPECT_EQ(SubjectOfImage("nginx", &podman), "nginx:latest");
  EXPECT_EQ(SubjectOfImage("aaaa", &docker), "other:1");
  EXPECT_EQ(SubjectOfImage("aaaa", &untagged), "aaaa");
  EXPECT_EQ(SubjectOfImage("localhost:5000/a/b", nullptr), "localhost:5000/a/b:latest");
  EXPECT_EQ(SubjectOfImage("docker.io/library/nginx:1", nullptr), "nginx:1");
}

TEST(RecordingPlanTest, OnlyContainersThatMayComeNeedEveryNewCgroup) {
  EXPECT_TRUE(Of(TargetKind::kImage, "web").WantsNewCgroups());
  EXPECT_FALSE(Of(TargetKind::kCgroup, "/web").WantsNewCgroups());
  auto plan = Of(TargetKind::kContainer, "web");
  EXPECT_FALSE(plan.WantsNewCgroups());
  plan.restarts = RecordingPlan::Restarts::kFollow;
  EXPECT_TRUE(plan.WantsNewCgroups());
  plan.restarts = RecordingPlan::Restarts::kEndTheRecording;
  plan.existence = RecordingPlan::Existence::kMayComeLater;
  EXPECT_TRUE(plan.WantsNewCgroups());
}

}  // namespace
}  // namespace whittle::container
