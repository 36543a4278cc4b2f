// Looking containers up in a real docker.
#include <gmock/gmock.h>

#include "container/cgroup_path.h"
#include "container/target.h"
#include "container/tiny_image.h"
#include "container_harness.h"
#include "record/cgroup.h"

namespace whittle::container {
namespace {

using ::testing::HasSubstr;

class ContainerLookupTest : public ContainerTest {};

TEST_F(ContainerLookupTest, FindsARunningContainerByNameIdAndPrefix) {
  const std::string name = RunPause();
  const auto by_name = engines_.Get(name);
  ASSERT_TRUE(by_name) << by_name.error().message;
  EXPECT_EQ(by_name->name, name);
  EXPECT_EQ(by_name->image, kTestImage);
  EXPECT_EQ(by_name->runtime, engine().info().default_runtime);
  EXPECT_TRUE(by_name->running());
  for (const auto& key : {by_name->id, by_name->id.substr(0, 12)}) {
    const auto again = engines_.Get(key);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->id, by_name->id);
  }
}

TEST_F(ContainerLookupTest, AnUnknownNameIsAnErrorThatNamesTheKnown) {
  const std::string name = RunPause();
  // A typing error: the likely meant name stands first, however many containers others run.
  const auto missing = engines_.Get(name + "x");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(missing.error().message, HasSubstr("no container '" + name + "x'"));
  EXPECT_THAT(missing.error().message, HasSubstr("knows these: whittle-test-"));
  const auto nobody = engines_.TryFind("whittle-no-such-container");
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(*nobody);
}

TEST_F(ContainerLookupTest, NamesTheOwnerOfACgroupOfALivingProcess) {
  const std::string name = RunPause();
  const auto info = engines_.Get(name);
  ASSERT_TRUE(info);
  const auto cgroup = record::ContainerCgroupOfProcess(info->pid);
  ASSERT_TRUE(cgroup) << cgroup.error().message;
  EXPECT_EQ(OwnerOfCgroupPath(cgroup->path).id, info->id);
  const auto owner = engines_.OwnerOfCgroup(cgroup->path);
  ASSERT_TRUE(owner) << owner.error().message;
  ASSERT_TRUE(*owner);
  EXPECT_EQ((*owner)->name, name);
  EXPECT_FALSE(*engines_.OwnerOfCgroup("/"));
}

TEST_F(ContainerLookupTest, AContainerIsKnownBeforeItsProcessRuns) {
  const std::string name = NewName();
  Docker({"create", "--network", "none", "--name", name, kTestImage, std::string(kTinyExit)});
  const auto info = engines_.Get(name);
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->state, "created");
  EXPECT_FALSE(info->running());
  const auto watch = ExitWatch::Create(*info);
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error().code, ErrorCode::kBadInput);
}

TEST_F(ContainerLookupTest, NoticesTheEndOfAContainer) {
  const std::string name = RunPause();
  const auto info = engines_.Get(name);
  ASSERT_TRUE(info);
  const auto watch = ExitWatch::Create(*info);
  ASSERT_TRUE(watch) << watch.error().message;
  EXPECT_FALSE(watch->Ended(50));
  Docker({"kill", name});
  EXPECT_TRUE(watch->Ended(10'000));
}

TEST_F(ContainerLookupTest, TheTargetOfAContainerIsWhatItWasStartedWith) {
  const std::string name = RunPause({"--security-opt", "no-new-privileges", "--cap-drop", "ALL", "--cap-add",
                                     "SYS_PTRACE", "--security-opt", "seccomp=unconfined"});
  const auto info = engines_.Get(name);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->seccomp, "unconfined");
  const auto host = TargetOfContainer(*info);
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_TRUE(host->target.no_new_privs);
  EXPECT_EQ(host->target.capabilities, std::set<std::string>{"CAP_SYS_PTRACE"});
  EXPECT_EQ(host->target.loader, profile::Loader::kDocker);
}

TEST(ContainerEnginesTest, WhereNoEngineAnswersTheErrorSaysWhatWasTried) {
  ::setenv("DOCKER_HOST", "unix:///nowhere/docker.sock", 1);
  const Engines engines = Engines::Find(EngineKind::kDocker);
  const auto found = engines.Get("web");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kNotPossible);
  EXPECT_THAT(found.error().message,
              HasSubstr("docker at unix:///nowhere/docker.sock (No such file or directory)"));
}

}  // namespace
}  // namespace whittle::container
