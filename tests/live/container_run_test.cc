// Running under a profile, on a real kernel and in a real docker.
#include <gmock/gmock.h>

#include "base/file.h"
#include "container/run.h"
#include "container/tiny_image.h"
#include "container_harness.h"

namespace whittle::container {
namespace {

using ::testing::HasSubstr;

profile::Document Profile(const std::string& text) {
  auto document = profile::Read(text, "test.json");
  EXPECT_TRUE(document) << document.error().message;
  return document ? *document : profile::Document{};
}

// Everything but the named call, which gets EPERM.
profile::Document AllBut(const std::string& call) {
  return Profile(R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
      "syscalls": [{"names": [")" +
                 call + R"("], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]})");
}

class RunCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  }
};

TEST_F(RunCommandTest, PassesTheExitCodeOnAndWatchesRefusals) {
  const auto outcome = RunCommand(AllBut("uname"), {"sh", "-c", "uname; exit 7"});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code, 7);
  ASSERT_EQ(outcome->unwatched, "");
  ASSERT_EQ(outcome->denials.size(), 1u);
  EXPECT_EQ(outcome->denials.front().call.number, 63u);
  EXPECT_EQ(outcome->denials.front().errno_value, 1);
  EXPECT_THAT(outcome->denials.front().subject.executable, HasSubstr("uname"));
}

TEST_F(RunCommandTest, NothingIsRefusedWhereNothingIsForbidden) {
  const auto outcome = RunCommand(AllBut("kexec_load"), {"true"});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code, 0);
  EXPECT_TRUE(outcome->denials.empty());
  EXPECT_FALSE(outcome->evidence.subjects.empty());
}

TEST_F(RunCommandTest, AnEndIsAShutdownUnlessItIsBySigkill) {
  for (const auto& [script, ended] :
       {std::pair("exit 7", true), {"kill -TERM $$", true}, {"kill -KILL $$", false}}) {
    const auto outcome = RunCommand(AllBut("kexec_load"), {"sh", "-c", script});
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_EQ(outcome->unwatched, "");
    EXPECT_EQ(outcome->evidence.recordings.begin()->second.exercised.contains("shutdown"), ended) << script;
  }
}

TEST_F(RunCommandTest, NeverRunsUnconfined) {
  const auto empty = RunCommand(Profile(R"({"defaultAction": "SCMP_ACT_ERRNO"})"), {"true"});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, ErrorCode::kBadInput);
  const auto no_execve = RunCommand(AllBut("execve"), {"true"});
  ASSERT_FALSE(no_execve);
  EXPECT_THAT(no_execve.error().message, HasSubstr("execve"));
}

class RunImageTest : public ContainerTest {
 protected:
  ImageRun Plan(std::vector<std::string> arguments = {}) {
    ImageRun run;
    run.engine = EngineKind::kDocker;
    run.image = kTestImage;
    run.engine_arguments = {"--network", "none", "--name", NewName()};
    run.engine_arguments.insert(run.engine_arguments.end(), arguments.begin(), arguments.end());
    run.command = {std::string(kTinyExit)};
    return run;
  }
};

TEST_F(RunImageTest, RunsAContainerUnderTheProfileAndRecordsIt) {
  const auto outcome = RunImage(AllBut("kexec_load"), Plan());
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code, 0);
  ASSERT_EQ(outcome->unwatched, "");
  EXPECT_TRUE(outcome->denials.empty());
  bool seen = false;
  for (const auto& [subject, calls] : outcome->evidence.subjects) {
    if (subject.executable != kTinyExit) continue;
    for (const auto& [key, when] : calls) {
      seen =
          seen || (key.number == 231 && key.under_filter && subject.arrival == evidence::Arrival::kWorkload);
    }
  }
  EXPECT_TRUE(seen) << "exit_group of the workload, under the filter";
}

TEST_F(RunImageTest, AProfileTooTightForTheRuntimeShowsTheEnginesExitCodeAndTheRefusal) {
  const auto outcome = RunImage(AllBut("chdir"), Plan());
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_NE(outcome->exit_code, 0);
  ASSERT_EQ(outcome->unwatched, "");
  ASSERT_FALSE(outcome->denials.empty());
  EXPECT_EQ(outcome->denials.front().call.number, 80u);
}

TEST_F(RunImageTest, ContradictionsAndMissingFiltersStartNothing) {
  EXPECT_EQ(RunImage(AllBut("uname"), Plan({"--privileged"})).error().code, ErrorCode::kUsage);
  const auto refused =
      RunImage(Profile(R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
      "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []}], "syscalls": []})"),
               Plan());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(refused.error().message, HasSubstr("archMap"));
}

TEST_F(RunImageTest, ADetachedContainerIsNotWatchedAndThatIsSaid) {
  ImageRun run = Plan({"-d"});
  run.command = {std::string(kTinyPause)};
  const auto outcome = RunImage(AllBut("kexec_load"), run);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_THAT(outcome->unwatched, HasSubstr("--detach"));
  EXPECT_TRUE(engines_.Get(run.engine_arguments[3])->running());
}

}  // namespace
}  // namespace whittle::container
