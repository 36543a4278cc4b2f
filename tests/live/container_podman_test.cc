// The same for podman, by its command, with a store of the test's own.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "container/cgroup_path.h"
#include "container/run.h"
#include "container/scratch.h"
#include "container/target.h"
#include "container/tiny_image.h"
#include "record/cgroup.h"

namespace whittle::container {
namespace {

using ::testing::HasSubstr;

constexpr const char* kImage = "localhost/whittle-test-tiny:1";

class PodmanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
    if (FindProgram("podman").empty()) GTEST_SKIP() << "SKIPPED: podman is not installed";
    auto scratch = ScratchFolder::Create();
    ASSERT_TRUE(scratch);
    scratch_ = std::make_unique<ScratchFolder>(std::move(*scratch));
    WriteSettings();
    const auto image = TinyImage(Abi::kX86_64);
    ASSERT_TRUE(image);
    ASSERT_TRUE(WriteFile(scratch_->File("tiny.tar"), *image));
    Podman({"import", scratch_->File("tiny.tar"), kImage});
  }
  void TearDown() override {
    if (!scratch_) return;
    Podman({"rm", "--all", "--force", "--time", "0"});
    ::unsetenv("CONTAINERS_CONF");
    ::unsetenv("CONTAINERS_STORAGE_CONF");
  }

  // vfs: a store without mounts, so that its folder can simply be removed. The limits: hosts without
  // CAP_SYS_RESOURCE cannot give the usual ones.
  void WriteSettings() const {
    const std::string storage =
        fmt::format("[storage]\ndriver = \"vfs\"\ngraphroot = \"{}\"\nrunroot = \"{}\"\n",
                    scratch_->File("root"), scratch_->File("run"));
    const std::string containers = fmt::format(
        "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\n"
        "[engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\nruntime = \"runc\"\ntmp_dir = "
        "\"{}\"\n",
        scratch_->File("libpod"));
    ASSERT_TRUE(WriteFile(scratch_->File("storage.conf"), storage));
    ASSERT_TRUE(WriteFile(scratch_->File("containers.conf"), containers));
    ::setenv("CONTAINERS_STORAGE_CONF", scratch_->File("storage.conf").c_str(), 1);
    ::setenv("CONTAINERS_CONF", scratch_->File("containers.conf").c_str(), 1);
  }

  static std::string Podman(std::vector<std::string> words) {
    words.insert(words.begin(), "podman");
    const auto answer = RunProcess(words, 60'000);
    EXPECT_TRUE(answer && answer->exit_code == 0) << Join(words, " ") << (answer ? answer->errors : "");
    return answer ? std::string(Trim(answer->output)) : "";
  }

 private:
  std::unique_ptr<ScratchFolder> scratch_;
};

TEST_F(PodmanTest, FindsARunningContainerAndItsTarget) {
  Podman({"run", "-d", "--network", "none", "--name", "pause", "--security-opt", "no-new-privileges", kImage,
          std::string(kTinyPause)});
  const Engines engines = Engines::Find(EngineKind::kPodman);
  const auto info = engines.Get("pause");
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->engine, EngineKind::kPodman);
  EXPECT_EQ(info->image, kImage);
  ASSERT_TRUE(info->running());
  const auto cgroup = record::ContainerCgroupOfProcess(info->pid);
  ASSERT_TRUE(cgroup) << cgroup.error().message;
  EXPECT_EQ(OwnerOfCgroupPath(cgroup->path).id, info->id);
  EXPECT_EQ(OwnerOfCgroupPath(cgroup->path).manager, "podman");
  const auto host = TargetOfContainer(*info);
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_EQ(host->target.loader, profile::Loader::kPodman);
  EXPECT_EQ(host->target.runtime, profile::Runtime::kRunc);
  EXPECT_TRUE(host->target.no_new_privs);
  EXPECT_FALSE(engines.Get("nobody"));
}

TEST_F(PodmanTest, RunsAContainerUnderAProfile) {
  const auto document =
      profile::Read(R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
      "syscalls": [{"names": ["kexec_load"], "action": "SCMP_ACT_ERRNO"}]})",
                    "test.json");
  ASSERT_TRUE(document);
  ImageRun run;
  run.engine = EngineKind::kPodman;
  run.image = kImage;
  run.engine_arguments = {"--network", "none"};
  run.command = {std::string(kTinyExit)};
  const auto outcome = RunImage(*document, run);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code, 0);
  ASSERT_EQ(outcome->unwatched, "");
  EXPECT_TRUE(outcome->denials.empty());
  bool seen = false;
  for (const auto& [subject, calls] : outcome->evidence.subjects)
    seen = seen || subject.executable == kTinyExit;
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace whittle::container
