// Ground truth in real Docker containers: from the first call on, also through docker exec, and never mixed.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "record_calls_numbers.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

constexpr char kDocker[] = "/usr/bin/docker";  // the client that matches Debian's daemon
constexpr char kImage[] = "whittle-busybox";
constexpr char kInside[] = "/t/record_calls";
constexpr char kCopyInside[] = "/t/record_calls_copy";

int Sets() { return std::getenv("WHITTLE_FULL") ? 50 : 6; }

Result<std::string> Docker(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kDocker);
  const auto result = TRY(RunProcess(arguments, 60'000));
  if (result.exit_code == 0) return std::string(Trim(result.output));
  return Fail(ErrorCode::kNotPossible, std::string(Trim(result.errors)));
}

std::string WhyNoDocker() {
  if (const auto why = WhyNotLive(); !why.empty()) return why;
  const auto image = Docker({"image", "inspect", "-f", "{{.Id}}", kImage});
  return image ? ""
               : "needs docker with the image whittle-busybox (scripts/test makes both): " +
                     image.error().message;
}

// A container that is made now and removed in the end.
class Container {
 public:
  explicit Container(const std::vector<std::string>& command) {
    static int count = 0;
    name_ = fmt::format("whittle-record-{}-{}", getpid(), count++);
    const std::string folder = std::filesystem::path(ProgramPath()).parent_path();
    std::vector<std::string> arguments{"create",
                                       "--name",
                                       name_,
                                       "--network",
                                       "none",
                                       "-v",
                                       folder + ":/t:ro",
                                       "--security-opt",
                                       "seccomp=unconfined",
                                       kImage};
    arguments.insert(arguments.end(), command.begin(), command.end());
    const auto id = Docker(arguments);
    EXPECT_TRUE(id) << id.error().message;
    id_ = id.value_or("");
  }
  ~Container() { (void)Docker({"rm", "-f", name_}); }
  Container(const Container&) = delete;
  const std::string& name() const { return name_; }
  const std::string& id() const { return id_; }

 private:
  std::string name_;
  std::string id_;
};

// Keeps the cgroups of the containers given, and drops all others, until `work` has ended.
template <typename Work>
Result<evidence::Evidence> RecordContainers(const std::vector<const Container*>& wanted, Work work) {
  Options options;
  options.new_cgroups = NewCgroups::kRecordUntilDecided;
  auto recorder = TRY(Recorder::Create(std::move(options)));
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
    if (!events) polled = std::unexpected(events.error());
    for (const auto& cgroup : recorder->Undecided()) {
      const Container* owner = nullptr;
      for (const Container* container : wanted) {
        if (cgroup.path.find(container->id()) != std::string::npos) owner = container;
      }
      if (owner) {
        polled = recorder->Keep(cgroup.key);
        recorder->Name(cgroup.key, owner->name());
      } else {
        polled = recorder->Drop(cgroup.key);
      }
    }
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

class RecordDocker : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNoDocker(); !why.empty()) GTEST_SKIP() << why;
  }
};

TEST_F(RecordDocker, TwoContainersAtOnceAreRecordedExactlyAndNeverMixed) {
  std::mt19937 random(11);
  for (int set = 0; set < Sets(); set += 2) {
    const Plan one = RandomPlan(random, 40, kCopyInside);
    const Plan two = RandomPlan(random, 40, "");
    const Container a(CommandOf(one));
    const Container b(CommandOf(two));
    const auto evidence = RecordContainers({&a, &b}, [&] {
      std::thread other([&] { EXPECT_TRUE(Docker({"start", "-a", b.name()})); });
      EXPECT_TRUE(Docker({"start", "-a", a.name()}));
      other.join();
    });
    ASSERT_TRUE(evidence) << evidence.error().message;
    ExpectExactly(*evidence, a.name(), one);
    ExpectExactly(*evidence, b.name(), two);
    EXPECT_EQ(Gaps(*evidence), "");
    for (const auto& [subject, calls] : evidence->subjects) {
      EXPECT_TRUE(subject.container == a.name() || subject.container == b.name()) << subject.container;
    }
    if (HasFailure()) return;
  }
}

TEST_F(RecordDocker, ShortContainersAreCompleteFromTheirFirstCall) {
  std::vector<std::unique_ptr<Container>> containers;
  std::vector<const Container*> wanted;
  for (int i = 0; i < Sets(); i++) {
    containers.push_back(std::make_unique<Container>(std::vector<std::string>{kInside, "n:39"}));
    wanted.push_back(containers.back().get());
  }
  const auto evidence = RecordContainers(wanted, [&] {
    for (const auto* container : wanted) EXPECT_TRUE(Docker({"start", "-a", container->name()}));
  });
  ASSERT_TRUE(evidence) << evidence.error().message;
  const Plan plan{{}, {{Abi::kX86_64, NR_mmap}, {Abi::kX86_64, 39}, {Abi::kX86_64, NR_exit_group}}, {}};
  for (const auto* container : wanted) ExpectExactly(*evidence, container->name(), plan);
  EXPECT_EQ(Gaps(*evidence), "");
}

TEST_F(RecordDocker, DockerExecIsWorkloadAndItsRuntimeIsNot) {
  std::mt19937 random(12);
  const Plan plan = RandomPlan(random, 40, "");
  const Container container({"sleep", "60"});
  const auto evidence = RecordContainers({&container}, [&] {
    EXPECT_TRUE(Docker({"start", container.name()}));
    std::vector<std::string> exec{"exec", container.name()};
    const auto command = CommandOf(plan);
    exec.insert(exec.end(), command.begin(), command.end());
    EXPECT_TRUE(Docker(exec));
    EXPECT_TRUE(Docker({"kill", container.name()}));
  });
  ASSERT_TRUE(evidence) << evidence.error().message;
  ExpectExactly(*evidence, container.name(), plan);
  EXPECT_EQ(Gaps(*evidence), "");
  bool runtime = false;
  for (const auto& [subject, calls] : evidence->subjects) {
    const bool runc = subject.executable.find("runc") != std::string::npos;
    runtime |= runc;
    EXPECT_EQ(runc, subject.arrival == evidence::Arrival::kArrived)
        << subject.executable << ": " << Text(Seen(*evidence, "", subject.executable, subject.arrival));
    EXPECT_TRUE(runc || subject.executable == kInside || subject.executable == "/bin/busybox")
        << subject.executable;
  }
  EXPECT_TRUE(runtime) << "the runtime's own calls are evidence, too";
}

// The cgroup's directory, and one made below it that is removed in the end.
class SubCgroup {
 public:
  explicit SubCgroup(CgroupKey above) {
    const auto directory = DirectoryOfCgroup(above);
    EXPECT_TRUE(directory) << directory.error().message;
    directory_ = directory.value_or("") + "/whittle-test";
    EXPECT_TRUE(std::filesystem::create_directory(directory_));
  }
  ~SubCgroup() { rmdir(directory_.c_str()); }
  void Move(pid_t pid) const { std::ofstream(directory_ + "/cgroup.procs") << pid << std::endl; }

 private:
  std::string directory_;
};

TEST_F(RecordDocker, ARunningContainerAndACgroupBelowItsOwnAreOneSubject) {
  const Container container({"sh", "-c", "sleep 2; /t/record_calls n:39 F i:20 ."});
  ASSERT_TRUE(Docker({"start", container.name()}));
  const auto text = Docker({"inspect", "-f", "{{.State.Pid}}", container.name()});
  const auto pid = text ? ParseUnsigned(*text) : std::nullopt;
  ASSERT_TRUE(pid);
  const auto cgroup = ContainerCgroupOfProcess(static_cast<pid_t>(*pid));
  ASSERT_TRUE(cgroup) << cgroup.error().message;
  auto recorder = Recorder::Create({});
  ASSERT_TRUE(recorder) << recorder.error().message;
  ASSERT_TRUE((*recorder)->AddCgroup(cgroup->key, CgroupKind::kContainer));
  (*recorder)->Name(cgroup->key, container.name());
  {
    const SubCgroup below(cgroup->key);
    below.Move(static_cast<pid_t>(*pid));
    EXPECT_NE(ContainerCgroupOfProcess(static_cast<pid_t>(*pid))->key, cgroup->key);
    for (const int64_t end = MonotonicMs() + 4000; MonotonicMs() < end;) ASSERT_TRUE((*recorder)->Poll(100));
  }
  ASSERT_TRUE((*recorder)->Stop());
  const auto evidence = (*recorder)->Snapshot();
  const Plan plan{{},
                  {{Abi::kX86_64, NR_mmap},
                   {Abi::kX86_64, 39},
                   {Abi::kX86_64, NR_clone},
                   {Abi::kX86_64, NR_wait4},
                   {Abi::kI386, 20},
                   {Abi::kX86_64, NR_exit_group}},
                  {}};
  ExpectExactly(evidence, container.name(), plan);
  EXPECT_NE(Gaps(evidence).find("late-attach"), std::string::npos);
}

}  // namespace
}  // namespace whittle::record
