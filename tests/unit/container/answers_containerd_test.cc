// What `ctr` prints, as values.
#include <gmock/gmock.h>

#include "container/answers.h"

namespace whittle::container {
namespace {

using ::testing::HasSubstr;

TEST(ContainerdAnswersTest, ReadsTheTableOfContainers) {
  const auto list = ParseContainerTable(
      "CONTAINER    IMAGE                      RUNTIME                  \n"
      "web          docker.io/library/web:1    io.containerd.runc.v2    \n"
      "bare         -                          io.containerd.runc.v2    \n",
      "default", "ctr");
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ(list->front().id, "default/web");
  EXPECT_EQ(list->front().name, "web");
  EXPECT_EQ(list->front().cgroup, "/default/web");
  EXPECT_EQ(list->front().image, "docker.io/library/web:1");
  EXPECT_EQ(list->back().image, "");
}

TEST(ContainerdAnswersTest, ReadsTheTableOfTasks) {
  const auto tasks = ParseTaskTable(
      "TASK    PID      STATUS    \nweb     11513    RUNNING\nold     0        STOPPED\n", "ctr");
  ASSERT_TRUE(tasks) << tasks.error().message;
  EXPECT_EQ(tasks->at("web").pid, 11513);
  EXPECT_EQ(tasks->at("web").state, "running");
  EXPECT_EQ(tasks->at("old").state, "stopped");
}

TEST(ContainerdAnswersTest, RefusesWhatIsNoTableOfThatKind) {
  for (const char* text : {"", "ctr: failed to dial", "TASK PID STATUS\nweb x RUNNING\n",
                           "TASK PID STATUS\nweb 99999999999 RUNNING\n", "TASK PID STATUS\nweb\n",
                           "TASK PID STATUS\n../web 1 RUNNING\n"}) {
    const auto tasks = ParseTaskTable(text, "ctr tasks list");
    ASSERT_FALSE(tasks) << text;
    EXPECT_EQ(tasks.error().code, ErrorCode::kBadInput);
    EXPECT_THAT(tasks.error().message, HasSubstr("ctr tasks list"));
  }
}

std::string Info(const std::string& options, const std::string& of_linux) {
  return R"({"ID":"web","Image":"docker.io/library/web:1","Runtime":{"Name":"io.containerd.runc.v2","Options":)" +
         options + R"(},"Spec":{"process":{"noNewPrivileges":true,"capabilities":{"bounding":["CAP_KILL"]}},
         "linux":)" +
         of_linux + "}}";
}

TEST(ContainerdAnswersTest, ReadsAContainerWithItsRuntimesProgram) {
  const auto info = ParseContainerdContainer(
      Info(R"({"type_url":"containerd.runc.v1.Options","value":"Mg0vdXNyL2Jpbi9jcnVu"})",
           R"({"cgroupsPath":"/default/web","seccomp":{"defaultAction":"SCMP_ACT_ERRNO"}})"),
      "default", "ctr");
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->engine, EngineKind::kContainerd);
  EXPECT_EQ(info->id, "default/web");
  EXPECT_EQ(info->runtime, "crun");
  EXPECT_EQ(info->runtime_path, "/usr/bin/crun");
  EXPECT_TRUE(info->no_new_privs);
  EXPECT_EQ(info->capabilities, std::set<std::string>{"CAP_KILL"});
  EXPECT_EQ(info->seccomp, "");
  EXPECT_EQ(info->cgroup, "/default/web");
  EXPECT_FALSE(info->running());
}

TEST(ContainerdAnswersTest, WithoutOptionsItIsRuncAndWithoutAFilterUnconfined) {
  const auto info =
      ParseContainerdContainer(Info("null", R"({"cgroupsPath":"system.slice:cri:web"})"), "default", "ctr");
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->runtime, "runc");
  EXPECT_EQ(info->runtime_path, "");
  EXPECT_EQ(info->seccomp, "unconfined");
  EXPECT_EQ(info->cgroup, "cri-web.scope");
}

TEST(ContainerdAnswersTest, BrokenOptionsOfARuntimeAreNoOptions) {
  for (const char* value : {"!!!", "Mg", "MgB/", "MgD//////////////", "/////////////////w=="}) {
    const auto info = ParseContainerdContainer(
        Info(R"({"type_url":"containerd.runc.v1.Options","value":")" + std::string(value) + "\"}", "{}"),
        "default", "ctr");
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->runtime, "runc") << value;
  }
}

TEST(ContainerdAnswersTest, AnEventTellsOfANewContainer) {
  const auto made = ParseEvent(
      "2026-11-25 12:17:45.595310018 +0000 UTC default /containers/create "
      R"({"id":"web","image":"docker.io/library/web:1","runtime":{"name":"io.containerd.runc.v2","options":)"
      R"({"type_url":"containerd.runc.v1.Options","value":"Mg0vdXNyL2Jpbi9jcnVu"}}})",
      "ctr events");
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(*made);
  EXPECT_EQ((*made)->id, "default/web");
  EXPECT_EQ((*made)->image, "docker.io/library/web:1");
  EXPECT_EQ((*made)->runtime, "/usr/bin/crun");
  const auto other =
      ParseEvent("2026-11-25 12:17:45 +0000 UTC default /tasks/start {\"pid\":1}", "ctr events");
  ASSERT_TRUE(other);
  EXPECT_FALSE(*other);
  EXPECT_FALSE(*ParseEvent("", "ctr events"));
  EXPECT_FALSE(ParseEvent("a b c d e /containers/create {\"id\":\"../x\"}", "ctr events"));
  EXPECT_FALSE(ParseEvent("a b c d e /containers/create {", "ctr events"));
}

TEST(ContainerdAnswersTest, ReadsImagesAndTheServersVersion) {
  const auto images = ParseImageTable(
      "REF                     TYPE  DIGEST       SIZE    PLATFORMS   LABELS \n"
      "docker.io/library/web:1 v2    sha256:7c0c  1.9 MiB linux/amd64 -      \n",
      "ctr");
  ASSERT_TRUE(images) << images.error().message;
  ASSERT_EQ(images->size(), 1u);
  EXPECT_EQ(images->front().name, "docker.io/library/web:1");
  EXPECT_EQ(images->front().digest, "7c0c");
  EXPECT_EQ(*ParseContainerdVersion("Client:\n  Version:  1.0\n\nServer:\n  Version:  1.6.20~ds1\n", "ctr"),
            "1.6.20~ds1");
  EXPECT_FALSE(ParseContainerdVersion("Client:\n  Version:  1.0\n", "ctr"));
}

TEST(ContainerdAnswersTest, NamesAreContainerds) {
  for (const char* good : {"a", "web-1", "k8s.io", "a_b.c-d", "0"})
    EXPECT_TRUE(IsContainerdName(good)) << good;
  for (const char* bad : {"", "-a", "a-", "a..b", "a/b", "a b", "\xff"})
    EXPECT_FALSE(IsContainerdName(bad)) << bad;
  EXPECT_FALSE(IsContainerdName(std::string(77, 'a')));
}

}  // namespace
}  // namespace whittle::container
