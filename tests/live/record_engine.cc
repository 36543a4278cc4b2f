#include "record_engine.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "record_harness.h"

namespace whittle::record {

Result<std::string> TestEngine::Run(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), command_.begin(), command_.end());
  const auto result = TRY(RunProcess(arguments, 120'000));
  if (result.exit_code == 0) return std::string(Trim(result.output));
  return Fail(ErrorCode::kNotPossible, Join(arguments, " ") + ": " + std::string(Trim(result.errors)));
}

namespace {

class Docker final : public TestEngine {
 public:
  Docker() {
    command_ = {"/usr/bin/docker"};  // the client that matches Debian's daemon
    image_ = "whittle-busybox";
  }
};

// crun refuses hosts that mix cgroups of version 1 and 2: it gets a view where version 2 is hidden.
std::vector<std::string> ViewFor(const std::string& runtime) {
  const std::string unified = "/sys/fs/cgroup/unified";
  if (runtime != "crun" || !FileExists(unified)) return {};
  return {"unshare",
          "--mount",
          "--propagation",
          "private",
          "sh",
          "-c",
          "mount -t tmpfs none " + unified + " && exec \"$@\"",
          "sh"};
}

class Podman final : public TestEngine {
 public:
  explicit Podman(const std::string& runtime) {
    char path[] = "/tmp/whittle-podman-XXXXXX";
    if (mkdtemp(path) == nullptr) return;
    folder_ = path;
    WriteSettings(runtime);
    command_ = ViewFor(runtime);
    command_.insert(command_.end(), {"env", "CONTAINERS_CONF=" + folder_ + "/containers.conf",
                                     "CONTAINERS_STORAGE_CONF=" + folder_ + "/storage.conf", "podman"});
    image_ = "localhost/whittle-empty:1";
  }
  ~Podman() override {
    (void)Run({"rm", "--all", "--force", "--time", "0"});
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  // The programs come from a mount: the image needs a folder for it, and nothing else.
  Result<std::string> Import() const {
    const std::string tar = folder_ + "/image.tar";
    const std::string root = folder_ + "/image";
    std::filesystem::create_directories(root + "/t");
    TRY(RunProcess({"tar", "-C", root, "-c", "-f", tar, "."}, 10'000));
    return Run({"import", tar, image_});
  }

 private:
  // vfs: a store without mounts, so that its folder can simply be removed. The limits: hosts without
  // CAP_SYS_RESOURCE cannot give the usual ones.
  void WriteSettings(const std::string& runtime) const {
    EXPECT_TRUE(WriteFile(
        folder_ + "/storage.conf",
        fmt::format("[storage]\ndriver = \"vfs\"\ngraphroot = \"{0}/root\"\nrunroot = \"{0}/run\"\n",
                    folder_)));
    EXPECT_TRUE(WriteFile(
        folder_ + "/containers.conf",
        fmt::format(
            "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\ncgroupns = "
            "\"host\"\n"
            "[engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\nruntime = \"{}\"\ntmp_dir = "
            "\"{}/libpod\"\n",
            runtime, folder_)));
  }
  std::string folder_;
};

}  // namespace

std::unique_ptr<TestEngine> FindDocker(std::string& why_not) {
  auto docker = std::make_unique<Docker>();
  const auto image = docker->Run({"image", "inspect", "-f", "{{.Id}}", docker->image()});
  if (image) return docker;
  why_not = "needs docker with the image whittle-busybox (scripts/test makes both): " + image.error().message;
  return nullptr;
}

std::unique_ptr<TestEngine> MakePodman(const std::string& runtime, std::string& why_not) {
  for (const auto& program : {std::string("podman"), runtime}) {
    if (!FindProgram(program).empty()) continue;
    why_not = program + " is not installed";
    return nullptr;
  }
  auto podman = std::make_unique<Podman>(runtime);
  const auto image = podman->Import();
  if (image) return podman;
  why_not = "podman cannot import an image here: " + image.error().message;
  return nullptr;
}

Container::Container(const TestEngine& engine, const std::vector<std::string>& command, Folder kind)
    : engine_(engine) {
  static std::atomic<int> count = 0;
  name_ = fmt::format("whittle-record-{}-{}", getpid(), count++);
  const std::string folder = std::filesystem::path(ProgramPath()).parent_path();
  std::vector<std::string> arguments{"create",          "--name",         name_,
                                     "--network",       "none",           "-v",
                                     folder + ":/t:ro", "--security-opt", "seccomp=unconfined",
                                     engine.image()};
  if (kind == Folder::kNew) {
    new_folder_ = "/" + name_;
    arguments.insert(arguments.end() - 1, {"--cgroup-parent", new_folder_});
  }
  arguments.insert(arguments.end(), command.begin(), command.end());
  const auto id = engine.Run(arguments);
  EXPECT_TRUE(id) << id.error().message;
  id_ = id.value_or("");
}

Container::~Container() {
  (void)engine_.Run({"rm", "-f", name_});
  if (!new_folder_.empty()) RemoveFolder();
}

// Engines leave it. It may be in every hierarchy, with podman's conmon in it.
void Container::RemoveFolder() const {
  std::error_code error;
  std::vector<std::string> roots = {"/sys/fs/cgroup"};
  for (const auto& entry : std::filesystem::directory_iterator(roots.front(), error)) {
    if (entry.is_directory(error) && !entry.is_symlink(error)) roots.push_back(entry.path());
  }
  for (const auto& root : roots) {
    for (const auto& entry : std::filesystem::directory_iterator(root + new_folder_, error)) {
      if (entry.is_directory(error)) rmdir(entry.path().c_str());
    }
    rmdir((root + new_folder_).c_str());
  }
}

void Container::Start() const {
  const auto started = engine_.Run({"start", "-a", name_});
  EXPECT_TRUE(started) << started.error().message;
}

void Container::Exec(const std::vector<std::string>& command) const {
  std::vector<std::string> arguments{"exec", name_};
  arguments.insert(arguments.end(), command.begin(), command.end());
  const auto done = engine_.Run(arguments);
  EXPECT_TRUE(done) << done.error().message;
}

namespace {

Result<void> DecideAll(Recorder& recorder, const std::vector<const Container*>& wanted) {
  for (const auto& cgroup : recorder.Undecided()) {
    const auto owner = std::ranges::find_if(
        wanted, [&](const Container* each) { return cgroup.path.find(each->id()) != std::string::npos; });
    if (owner == wanted.end()) {
      TRY(recorder.Drop(cgroup.key));
      continue;
    }
    TRY(recorder.Keep(cgroup.key));
    recorder.Name(cgroup.key, (*owner)->name());
  }
  return {};
}

}  // namespace

Result<evidence::Evidence> RecordContainers(const std::vector<const Container*>& wanted,
                                            const std::function<void()>& work,
                                            const std::function<void(Recorder&)>& prepare) {
  Options options;
  options.new_cgroups = NewCgroups::kRecordUntilDecided;
  auto recorder = TRY(Recorder::Create(std::move(options)));
  prepare(*recorder);
  std::atomic<bool> done = false;
  std::thread worker([&] {
    work();
    done = true;
  });
  Result<void> polled;
  int64_t end = INT64_MAX;
  while (polled && MonotonicMs() < end) {
    if (done && end == INT64_MAX) end = MonotonicMs() + 300;
    const auto events = recorder->Poll(20);
    polled = events ? DecideAll(*recorder, wanted) : std::unexpected(events.error());
  }
  worker.join();
  TRY(std::move(polled));
  TRY(recorder->Stop());
  return recorder->Snapshot();
}

std::vector<std::string> CommandOf(const Plan& plan) {
  std::vector<std::string> command{kInside};
  command.insert(command.end(), plan.words.begin(), plan.words.end());
  return command;
}

void ExpectExactly(const evidence::Evidence& evidence, const std::string& container, const Plan& plan) {
  const CallSet first = Seen(evidence, container, kInside);
  const CallSet second = Seen(evidence, container, kCopyInside);
  EXPECT_EQ(Text(Minus(plan.first, first)), "nothing") << container << ": missing";
  EXPECT_EQ(Text(Minus(first, plan.first)), "nothing") << container << ": extra";
  EXPECT_EQ(Text(Minus(plan.second, second)), "nothing") << container << ": missing after execve";
  EXPECT_EQ(Text(Minus(second, plan.second)), "nothing") << container << ": extra after execve";
}

}  // namespace whittle::record
