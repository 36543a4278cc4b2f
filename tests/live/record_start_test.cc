// The start race: containers whose only program makes three calls and ends are complete, each of them,
// whatever engine and runtime starts them. 300 starts where it counts (WHITTLE_FULL=1), fewer in a daily run.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "record_calls_numbers.h"
#include "record_engine.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

constexpr size_t kAtOnce = 3;

size_t Starts(size_t in_full) { return std::getenv("WHITTLE_FULL") ? in_full : 6; }

// Does `work(i)` for all i below `count`, some at once.
void InParallel(size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  std::vector<std::jthread> workers;
  for (size_t i = 0; i < kAtOnce; i++) {
    workers.emplace_back([&] {
      for (size_t mine = next++; mine < count; mine = next++) work(mine);
    });
  }
}

// The container's first execve is the runtime's: it arrived.
void ExpectTheExec(const evidence::Evidence& evidence, const std::string& container) {
  const bool seen = std::ranges::any_of(evidence.subjects, [&](const auto& entry) {
    const auto& [subject, calls] = entry;
    return subject.container == container && subject.arrival == evidence::Arrival::kArrived &&
           std::ranges::any_of(calls, [](const auto& call) { return call.first.number == NR_execve; });
  });
  EXPECT_TRUE(seen) << container << ": the runtime's execve was not seen";
}

void ExpectEachStartComplete(const TestEngine& engine, size_t starts,
                             Container::Folder folder = Container::Folder::kUsual) {
  std::vector<std::unique_ptr<Container>> containers(starts);
  InParallel(starts, [&](size_t i) {
    containers[i] = std::make_unique<Container>(engine, std::vector<std::string>{kInside, "n:39"}, folder);
  });
  std::vector<const Container*> wanted;
  for (const auto& container : containers) wanted.push_back(container.get());
  const auto evidence =
      RecordContainers(wanted, [&] { InParallel(starts, [&](size_t i) { wanted[i]->Start(); }); });
  ASSERT_TRUE(evidence) << evidence.error().message;
  const Plan plan{{}, {{Abi::kX86_64, NR_mmap}, {Abi::kX86_64, 39}, {Abi::kX86_64, NR_exit_group}}, {}};
  for (const auto* container : wanted) {
    ExpectExactly(*evidence, container->name(), plan);
    ExpectTheExec(*evidence, container->name());
  }
  for (const auto& [subject, calls] : evidence->subjects) {
    EXPECT_TRUE(subject.arrival == evidence::Arrival::kArrived || subject.executable == kInside)
        << subject.container << ": " << subject.executable << " is no workload of this container";
  }
  EXPECT_EQ(Gaps(*evidence), "");
}

class RecordStart : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
  }
};

TEST_F(RecordStart, OfDockerWithRunc) {
  std::string why;
  const auto docker = FindDocker(why);
  if (!docker) GTEST_SKIP() << why;
  ExpectEachStartComplete(*docker, Starts(300));
}

// Each is the first one in its folder: the folder is made along with it, and is nobody's.
TEST_F(RecordStart, OfDockerInFoldersThatAreNew) {
  std::string why;
  const auto docker = FindDocker(why);
  if (!docker) GTEST_SKIP() << why;
  ExpectEachStartComplete(*docker, Starts(50), Container::Folder::kNew);
}

TEST_F(RecordStart, OfPodmanInFoldersThatAreNew) {
  std::string why;
  const auto podman = MakePodman("runc", why);
  if (!podman) GTEST_SKIP() << why;
  ExpectEachStartComplete(*podman, Starts(50), Container::Folder::kNew);
}

TEST_F(RecordStart, OfPodmanWithRunc) {
  std::string why;
  const auto podman = MakePodman("runc", why);
  if (!podman) GTEST_SKIP() << why;
  ExpectEachStartComplete(*podman, Starts(150));
}

TEST_F(RecordStart, OfPodmanWithCrun) {
  std::string why;
  const auto podman = MakePodman("crun", why);
  if (!podman) GTEST_SKIP() << why;
  ExpectEachStartComplete(*podman, Starts(150));
}

}  // namespace
}  // namespace whittle::record
