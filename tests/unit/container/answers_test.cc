#include "container/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profile/target.h"

namespace whittle::container {
namespace {

using ::testing::HasSubstr;

const std::string kId = "a3329f3239be008b16b47ed527806eee63bc68bfde89058562f330c10700a181";

// As docker 20.10.24 answered, shortened to the members that count.
std::string DockerAnswer(const std::string& host_config, const std::string& state) {
  return R"({"Id":")" + kId +
         R"(","Name":"/web","Image":"sha256:175ffa5b5e648e641e49a62bcadb2672","State":)" + state +
         R"(,"HostConfig":)" + host_config + R"(,"Config":{"Image":"nginx:1.22","User":""},"Mounts":[]})";
}
const std::string kRunning = R"({"Status":"running","Running":true,"Pid":19318,"ExitCode":0})";
const std::string kPlain =
    R"({"CapAdd":null,"CapDrop":null,"Privileged":false,"SecurityOpt":null,"Runtime":"runc"})";

TEST(AnswersTest, ReadsARunningDockerContainer) {
  const auto info = ParseDockerContainer(DockerAnswer(kPlain, kRunning), "docker");
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->id, kId);
  EXPECT_EQ(info->name, "web");
  EXPECT_EQ(info->image, "nginx:1.22");
  EXPECT_EQ(info->image_id, "175ffa5b5e648e641e49a62bcadb2672");
  EXPECT_EQ(info->pid, 19318);
  EXPECT_TRUE(info->running());
  EXPECT_EQ(info->runtime, "runc");
  EXPECT_FALSE(info->no_new_privs);
  EXPECT_EQ(info->seccomp, "");
  EXPECT_EQ(info->capabilities, profile::DefaultCapabilities());
}

TEST(AnswersTest, ReadsSecurityOptionsAsDockerWritesThem) {
  const std::string config = R"({"CapAdd":["SYS_ADMIN"],"CapDrop":["CAP_CHOWN"],"Runtime":"crun",
      "SecurityOpt":["no-new-privileges:true","seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}"]})";
  const auto info = ParseDockerContainer(DockerAnswer(config, kRunning), "docker");
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_TRUE(info->no_new_privs);
  EXPECT_EQ(info->seccomp, R"({"defaultAction":"SCMP_ACT_ALLOW"})");
  EXPECT_TRUE(info->capabilities.contains("CAP_SYS_ADMIN"));
  EXPECT_FALSE(info->capabilities.contains("CAP_CHOWN"));
}

TEST(AnswersTest, NoNewPrivilegesSetToFalseIsOff) {
  const std::string config = R"({"SecurityOpt":["no-new-privileges=false","seccomp=unconfined"]})";
  const auto info = ParseDockerContainer(DockerAnswer(config, kRunning), "docker");
  ASSERT_TRUE(info);
  EXPECT_FALSE(info->no_new_privs);
  EXPECT_EQ(info->seccomp, "unconfined");
}

TEST(AnswersTest, ReadsAPodmanContainerAsArrayOrObject) {
  const std::string object =
      R"({"Id":")" + kId + R"(","Name":"db","Image":"175f","ImageName":"localhost/db:1",
      "OCIRuntime":"crun","BoundingCaps":["CAP_KILL"],"State":{"Status":"running","Pid":7,"ExitCode":0},
      "HostConfig":{"SecurityOpt":["no-new-privileges","seccomp=/etc/p.json"],"Privileged":false}})";
  for (const auto& text : {object, "[" + object + "]"}) {
    const auto info = ParsePodmanContainer(text, "podman");
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->engine, EngineKind::kPodman);
    EXPECT_EQ(info->name, "db");
    EXPECT_EQ(info->image, "localhost/db:1");
    EXPECT_EQ(info->runtime, "crun");
    EXPECT_EQ(info->capabilities, std::set<std::string>{"CAP_KILL"});
    EXPECT_TRUE(info->no_new_privs);
    EXPECT_EQ(info->seccomp, "/etc/p.json");
  }
}

TEST(AnswersTest, TellsWhatBecameOfAContainer) {
  const std::string answer =
      R"({"Id":")" + kId + R"(","Name":"/web","Image":"sha256:17","Path":"sh","Args":["-c","true"],
      "Created":"2026-11-29T00:01:28.9Z","State":{"Status":"created","ExitCode":128,"Error":"unable to apply caps",
      "OOMKilled":true,"StartedAt":"0001-01-01T00:00:00Z","FinishedAt":"2026-11-29T00:01:29Z"},
      "HostConfig":{"Runtime":"runc"},"Config":{"Image":"i","User":"1000","Tty":true},
      "GraphDriver":{"Data":{"LowerDir":"/l1:/l2","UpperDir":"/u"}},"Mounts":[{"Source":"/s","Destination":"/d"}]})";
  const auto info = ParseDockerContainer(answer, "docker");
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->command, (std::vector<std::string>{"sh", "-c", "true"}));
  EXPECT_EQ(info->user, "1000");
  EXPECT_TRUE(info->tty);
  EXPECT_EQ(info->error, "unable to apply caps");
  EXPECT_TRUE(info->out_of_memory);
  EXPECT_EQ(info->created_ms, 1795910488900);
  EXPECT_EQ(info->started_ms, 0);
  EXPECT_EQ(info->ended_ms, 1795910489000);
  EXPECT_EQ(info->layers, (std::vector<std::string>{"/u", "/l1", "/l2"}));
  ASSERT_EQ(info->mounts.size(), 1u);
  EXPECT_EQ(info->mounts[0].destination, "/d");
}

TEST(AnswersTest, PodmansLogFileHasPartsOfLines) {
  EXPECT_EQ(
      PlainCriLog(
          "2026-11-29T01:25:20Z stderr P mkdir: \n2026-11-29T01:25:21Z stderr P Operation not permitted\n"
          "2026-11-29T01:25:21Z stderr F \n2026-11-29T01:25:21Z stdout F a b\n"),
      "mkdir: Operation not permitted\na b\n");
  EXPECT_EQ(PlainCriLog("5:21Z stderr\nnonsense\n"), "");
}

TEST(AnswersTest, LogsComeInFramesOrPlain) {
  const std::string framed =
      std::string("\1\0\0\0\0\0\0\3hi\n", 11) + std::string("\2\0\0\0\0\0\0\4err\n", 12);
  EXPECT_EQ(PlainLog(framed), "hi\nerr\n");
  EXPECT_EQ(PlainLog("plain\n"), "plain\n");
  EXPECT_EQ(PlainLog(std::string("\1\0\0\0\0\0\0\x7fshort", 13)), "short");  // cut off
  EXPECT_EQ(PlainLog(""), "");
}

TEST(AnswersTest, AnEndedContainerHasNoPidEvenIfTheEngineStillTellsOne) {
  const auto info =
      ParseDockerContainer(DockerAnswer(kPlain, R"({"Status":"exited","Pid":4711,"ExitCode":-1})"), "docker");
  ASSERT_TRUE(info);
  EXPECT_FALSE(info->running());
  EXPECT_EQ(info->exit_code, -1);
}

TEST(AnswersTest, ReadsAListAndSkipsAliases) {
  const auto list = ParseList(
      R"([{"Id":")" + kId + R"(","Names":["/other/alias","/web"],"Image":"i","State":"created"}])", "docker");
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ(list->front().name, "web");
  EXPECT_EQ(list->front().state, "created");
  EXPECT_TRUE(ParseList("null", "podman")->empty());
}

// As docker 20.10.24 sends it.
TEST(AnswersTest, AnEventOfDockerTellsOfANewContainer) {
  const auto event = [](const std::string& id, const std::string& action) {
    return R"({"status":")" + action + R"(","id":")" + id +
           R"(","from":"web:1","Type":"container","Action":")" + action + R"(","Actor":{"ID":")" + id +
           R"(","Attributes":{"image":"web:1","name":"web"}},"scope":"local","time":1,"timeNano":1000000000})";
  };
  const auto made = ParseDockerEvent(event(kId, "create"), "docker events");
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(*made);
  EXPECT_EQ((*made)->id, kId);
  EXPECT_EQ((*made)->name, "web");
  EXPECT_EQ((*made)->image, "web:1");
  EXPECT_FALSE(*ParseDockerEvent(event(kId, "start"), "docker events"));
  EXPECT_FALSE(ParseDockerEvent(event("short", "create"), "docker events"));
  EXPECT_FALSE(ParseDockerEvent(R"({"Type":"container","Action":"create"})", "docker events"));
  EXPECT_FALSE(ParseDockerEvent("", "docker events"));
}

TEST(AnswersTest, AnEventOfPodmanTellsOfANewContainer) {
  const auto event = [](const std::string& id, const std::string& status) {
    return R"({"ID":")" + id + R"(","Image":"localhost/web:1","Name":"web","Status":")" + status +
           R"(","Type":"container","Attributes":{}})";
  };
  const auto made = ParsePodmanEvent(event(kId, "create"), "podman events");
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(*made);
  EXPECT_EQ((*made)->id, kId);
  EXPECT_EQ((*made)->name, "web");
  EXPECT_EQ((*made)->image, "localhost/web:1");
  EXPECT_FALSE(*ParsePodmanEvent(event(kId, "start"), "podman events"));
  EXPECT_FALSE(ParsePodmanEvent(event("short", "create"), "podman events"));
  EXPECT_FALSE(ParsePodmanEvent("", "podman events"));
}

TEST(AnswersTest, ReadsEngineFacts) {
  const auto docker = ParseDockerInfo(
      R"({"ServerVersion":"20.10.24+dfsg1","DefaultRuntime":"runc","CgroupDriver":"cgroupfs","CgroupVersion":"1",
          "Runtimes":{"crun":{"path":"/usr/bin/crun"},"runc":{"path":"runc"}},
          "SecurityOptions":["name=seccomp,profile=default"]})",
      "docker");
  ASSERT_TRUE(docker) << docker.error().message;
  EXPECT_EQ(docker->version, "20.10.24+dfsg1");
  EXPECT_EQ(docker->seccomp, "default");
  EXPECT_EQ(docker->runtimes.size(), 2u);
  const auto podman = ParsePodmanInfo(
      R"({"host":{"cgroupManager":"systemd","cgroupVersion":"v2","ociRuntime":{"name":"crun","path":"/usr/bin/crun"},
          "security":{"seccompEnabled":true,"seccompProfilePath":"/usr/share/containers/seccomp.json",
                      "capabilities":"CAP_CHOWN,CAP_KILL"}},"version":{"Version":"4.3.1"}})",
      "podman");
  ASSERT_TRUE(podman) << podman.error().message;
  EXPECT_EQ(podman->cgroup_version, "2");
  EXPECT_EQ(podman->default_capabilities.size(), 2u);
}

TEST(AnswersTest, HostileAnswersAreErrorsThatNameTheMember) {
  struct Bad {
    std::string text;
    std::string says;
  };
  const Bad cases[] = {
      {"", "docker"},
      {"[]", "docker"},
      {R"({"Id":"short"})", "64 hexadecimal digits"},
      {R"({"Id":")" + kId + R"(","Name":5})", "Name: expected a string"},
      {R"({"Id":")" + kId + R"(","State":"up"})", "State.Status"},
      {DockerAnswer(kPlain, R"({"Status":"running","Pid":-3})"), "State.Pid"},
      {DockerAnswer(kPlain, R"({"Status":"running","Pid":99999999999})"), "State.Pid"},
      {DockerAnswer(R"({"SecurityOpt":[7]})", kRunning), "HostConfig.SecurityOpt"},
  };
  for (const auto& bad : cases) {
    const auto info = ParseDockerContainer(bad.text, "docker");
    ASSERT_FALSE(info) << bad.text;
    EXPECT_EQ(info.error().code, ErrorCode::kBadInput);
    EXPECT_THAT(info.error().message, HasSubstr(bad.says)) << bad.text;
  }
  EXPECT_FALSE(ParseDockerInfo("{}", "docker"));
  EXPECT_FALSE(ParsePodmanInfo("{}", "podman"));
  EXPECT_FALSE(ParseList("{}", "docker"));
}

}  // namespace
}  // namespace whittle::container
