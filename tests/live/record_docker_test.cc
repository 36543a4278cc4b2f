// Ground truth in real Docker containers: from the first call on, also through docker exec, and never mixed.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/text.h"
#include "base/time.h"
#include "record_calls_numbers.h"
#include "record_cgroup.h"
#include "record_engine.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

// Sets of calls: 200 where it counts (WHITTLE_FULL=1), fewer in a daily run; four at once.
int Rounds() { return std::getenv("WHITTLE_FULL") ? 50 : 2; }

class RecordDocker : public testing::Test {
 protected:
  void SetUp() override {
    std::string why = WhyNotLive();
    if (why.empty()) docker_ = FindDocker(why);
    if (!docker_) GTEST_SKIP() << why;
  }
  const TestEngine& docker() const { return *docker_; }

 private:
  std::unique_ptr<TestEngine> docker_;
};

using Containers = std::vector<std::unique_ptr<Container>>;

std::vector<const Container*> Pointers(const Containers& containers) {
  std::vector<const Container*> pointers;
  for (const auto& container : containers) pointers.push_back(container.get());
  return pointers;
}

// One after the other takes most of the time of a round.
Containers MakeAtOnce(const TestEngine& engine, const std::vector<std::vector<std::string>>& commands) {
  Containers containers(commands.size());
  std::vector<std::jthread> makers;
  for (size_t i = 0; i < commands.size(); i++) {
    makers.emplace_back([&, i] { containers[i] = std::make_unique<Container>(engine, commands[i]); });
  }
  return makers.clear(), std::move(containers);
}

// The first waits for a `docker exec` of its plan; the others run theirs.
void RunAtOnce(const TestEngine& engine, const Containers& containers, const Plan& of_exec) {
  EXPECT_TRUE(engine.Run({"start", containers[0]->name()}));
  std::vector<std::jthread> runners;
  for (size_t i = 1; i < containers.size(); i++) runners.emplace_back([&, i] { containers[i]->Start(); });
  containers[0]->Exec(CommandOf(of_exec));
  EXPECT_TRUE(engine.Run({"kill", containers[0]->name()}));
}

TEST_F(RecordDocker, FourContainersAtOnceAreRecordedExactlyAndNeverMixed) {
  std::mt19937 random(11);
  for (int round = 0; round < Rounds(); round++) {
    std::vector<Plan> plans;
    std::vector<std::vector<std::string>> commands;
    for (int i = 0; i < 4; i++) {
      plans.push_back(RandomPlan(random, 40, i % 2 == 0 ? kCopyInside : ""));
      commands.push_back(i == 0 ? std::vector<std::string>{"sleep", "60"} : CommandOf(plans.back()));
    }
    const auto containers = MakeAtOnce(docker(), commands);
    const auto evidence =
        RecordContainers(Pointers(containers), [&] { RunAtOnce(docker(), containers, plans[0]); });
    ASSERT_TRUE(evidence) << evidence.error().message;
    for (size_t i = 0; i < plans.size(); i++) ExpectExactly(*evidence, containers[i]->name(), plans[i]);
    EXPECT_EQ(Gaps(*evidence), "");
    for (const auto& [subject, calls] : evidence->subjects) {
      EXPECT_TRUE(std::ranges::any_of(containers, [&](const auto& container) {
        return container->name() == subject.container;
      })) << subject.container;
    }
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

// Of one file, so that only its cgroup tells one subject from the other.
int ExecsBeside() { return std::getenv("WHITTLE_FULL") ? 6000 : 600; }
constexpr int kThreadsBeside = 4;

// Programs of another subject for each of four threads, each with a call that is only its own.
void ExecBeside(const std::vector<std::unique_ptr<TestCgroup>>& cgroups) {
  std::vector<std::jthread> threads;
  for (uint32_t thread = 0; thread < kThreadsBeside; thread++) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < ExecsBeside() / kThreadsBeside; i++) {
        cgroups[thread]->Run(
            {ProgramPath(), fmt::format("n:{}", 1000 + thread), fmt::format("i:{}", 1010 + thread)});
        if (testing::Test::HasFailure()) return;
      }
    });
  }
}

TEST_F(RecordDocker, ThousandsOfExecsBesideAreNeverMixedIn) {
  std::mt19937 random(13);
  std::vector<std::unique_ptr<TestCgroup>> cgroups;
  for (int i = 0; i < kThreadsBeside; i++) cgroups.push_back(std::make_unique<TestCgroup>());
  if (!cgroups[0]->made()) GTEST_SKIP() << "needs a cgroup v2 mount where a cgroup can be made";
  std::vector<Plan> plans;
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < 4; i++) {
    plans.push_back(RandomPlan(random, 40, i % 2 == 0 ? kCopyInside : ""));
    commands.push_back(i == 0 ? std::vector<std::string>{"sleep", "60"} : CommandOf(plans.back()));
  }
  const auto containers = MakeAtOnce(docker(), commands);
  const auto evidence = RecordContainers(
      Pointers(containers),
      [&] {
        std::jthread beside([&] { ExecBeside(cgroups); });
        RunAtOnce(docker(), containers, plans[0]);
      },
      [&](Recorder& recorder) {
        for (const auto& cgroup : cgroups) {
          EXPECT_TRUE(recorder.AddCgroup(cgroup->key(), CgroupKind::kPlain));
        }
      });
  ASSERT_TRUE(evidence) << evidence.error().message;
  for (size_t i = 0; i < plans.size(); i++) ExpectExactly(*evidence, containers[i]->name(), plans[i]);
  for (uint32_t i = 0; i < kThreadsBeside; i++) {
    const CallSet calls = {{Abi::kX86_64, NR_mmap},
                           {Abi::kX86_64, 1000 + i},
                           {Abi::kI386, 1010 + i},
                           {Abi::kX86_64, NR_exit_group}};
    EXPECT_EQ(Text(Seen(*evidence, cgroups[i]->name(), ProgramPath())), Text(calls));
  }
  EXPECT_EQ(Gaps(*evidence), "");
}

TEST_F(RecordDocker, DockerExecIsWorkloadAndItsRuntimeIsNot) {
  std::mt19937 random(12);
  const Plan plan = RandomPlan(random, 40, "");
  const Container container(docker(), {"sleep", "60"});
  const auto evidence = RecordContainers({&container}, [&] {
    EXPECT_TRUE(docker().Run({"start", container.name()}));
    container.Exec(CommandOf(plan));
    EXPECT_TRUE(docker().Run({"kill", container.name()}));
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
  const Container container(docker(), {"sh", "-c", "sleep 2; /t/record_calls n:39 F i:20 ."});
  ASSERT_TRUE(docker().Run({"start", container.name()}));
  const auto text = docker().Run({"inspect", "-f", "{{.State.Pid}}", container.name()});
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
