// As many subjects as fit, one more, and far more than fit, one after the other: places are used again, and
// what was in them stays in the evidence.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "base/time.h"
#include "record_calls_numbers.h"
#include "record_cgroup.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

using evidence::Arrival;

constexpr Abi k64 = Abi::kX86_64;
constexpr size_t kThreads = 2;

bool Full() { return std::getenv("WHITTLE_FULL") != nullptr; }

class RecordSubjects : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
    if (!TestCgroup().made()) GTEST_SKIP() << "needs a cgroup v2 mount where a cgroup can be made";
  }
};

// Copies of record_calls: different files, so different executables.
class Programs {
 public:
  explicit Programs(size_t count) {
    char path[] = "/tmp/whittle-programs-XXXXXX";
    folder_ = mkdtemp(path);
    for (size_t i = 0; i < count; i++) {
      paths_.push_back(fmt::format("{}/{}", folder_, i));
      std::filesystem::copy_file(ProgramPath(), paths_.back());
    }
  }
  ~Programs() { std::filesystem::remove_all(folder_); }
  Programs(const Programs&) = delete;
  const std::string& operator[](size_t i) const { return paths_[i]; }
  size_t size() const { return paths_.size(); }

 private:
  std::string folder_;
  std::vector<std::string> paths_;
};

std::string OwnCall(size_t cgroup, size_t program) {
  return fmt::format("n:{}", 500 + (cgroup * 7 + program) % 500);
}

// Every program once in every cgroup, each with a call of its own.
void RunAll(const std::vector<std::unique_ptr<TestCgroup>>& cgroups, const Programs& programs) {
  std::atomic<size_t> next = 0;
  std::vector<std::jthread> threads;
  for (size_t thread = 0; thread < kThreads; thread++) {
    threads.emplace_back([&] {
      for (size_t i = next++; i < cgroups.size() && !testing::Test::HasFailure(); i = next++) {
        for (size_t program = 0; program < programs.size(); program++) {
          cgroups[i]->Run({programs[program], OwnCall(i, program)});
        }
      }
    });
  }
}

CallSet CallsOf(const evidence::Evidence& evidence, const evidence::Subject& subject) {
  CallSet calls;
  const auto found = evidence.subjects.find(subject);
  if (found == evidence.subjects.end()) return calls;
  for (const auto& [key, observation] : found->second) calls.emplace(key.abi, key.number);
  return calls;
}

// In each cgroup the child of this test, before its exec, is a subject, too: it arrived.
TEST_F(RecordSubjects, AsManyAsThereArePlacesAndWhatIsBeyondIsACountedGap) {
  const uint32_t slots = Full() ? WHITTLE_SLOTS : 602;
  const size_t places = slots - WHITTLE_FIRST_SLOT;
  const Programs programs(Full() ? 127 : 29);
  const size_t in_each = programs.size() + 1;
  std::vector<std::unique_ptr<TestCgroup>> cgroups;
  for (size_t i = 0; i * in_each < places + in_each; i++) cgroups.push_back(std::make_unique<TestCgroup>());
  Options options;
  options.slots = slots;
  auto recorder = Recorder::Create(std::move(options));
  ASSERT_TRUE(recorder) << recorder.error().message;
  for (const auto& cgroup : cgroups) ASSERT_TRUE((*recorder)->AddCgroup(cgroup->key(), CgroupKind::kPlain));
  std::atomic<bool> done = false;
  std::jthread worker([&] {
    RunAll(cgroups, programs);
    done = true;
  });
  while (!done) ASSERT_TRUE((*recorder)->Poll(50));
  worker.join();
  ASSERT_TRUE((*recorder)->Stop());
  const auto evidence = (*recorder)->Snapshot();
  EXPECT_EQ(evidence.subjects.size(), places);
  size_t exact = 0;
  for (size_t i = 0; i < cgroups.size(); i++) {
    for (size_t program = 0; program < programs.size(); program++) {
      const CallSet calls = CallsOf(evidence, {cgroups[i]->name(), programs[program], Arrival::kWorkload});
      const auto own = static_cast<uint32_t>(std::stoul(OwnCall(i, program).substr(2)));
      exact += calls == CallSet{{k64, NR_mmap}, {k64, own}, {k64, NR_exit_group}} ? 1 : 0;
    }
  }
  const auto arrived = static_cast<size_t>(std::ranges::count_if(
      evidence.subjects, [](const auto& entry) { return entry.first.arrival == Arrival::kArrived; }));
  EXPECT_EQ(exact + arrived, places) << "each of them is exact";
  EXPECT_EQ(Gaps(evidence).find("table-full ("), 0u) << Gaps(evidence);
}

// A short container, as far as the recorder sees: a cgroup, a program in it that makes a call that nobody
// else makes.
void LiveShortly(uint32_t number) {
  const TestCgroup cgroup;
  cgroup.Run({ProgramPath(), fmt::format("n:{}", number)});
}

TEST_F(RecordSubjects, PlacesOfWhatIsGoneAreUsedAgainAndItsCallsStay) {
  const uint32_t lives = Full() ? 50'000 : 1'000;
  constexpr uint32_t kFirst = 5'000;
  Options options;
  options.new_cgroups = NewCgroups::kRecordUntilDecided;
  options.slots = Full() ? WHITTLE_SLOTS : 514;
  options.epoch_ms = Full() ? 1000 : 50;
  auto recorder = Recorder::Create(std::move(options));
  ASSERT_TRUE(recorder) << recorder.error().message;
  std::atomic<bool> done = false;
  std::jthread worker([&] {
    for (uint32_t i = 0; i < lives && !HasFailure(); i++) LiveShortly(kFirst + i);
    done = true;
  });
  const auto decide = [&] {
    for (const auto& cgroup : (*recorder)->Undecided()) {
      const bool ours = cgroup.path.find("/whittle-test-") != std::string::npos;
      ASSERT_TRUE(ours ? (*recorder)->Keep(cgroup.key) : (*recorder)->Drop(cgroup.key));
      if (ours) (*recorder)->Name(cgroup.key, "short");
    }
  };
  while (!done) {
    ASSERT_TRUE((*recorder)->Poll(20));
    decide();
  }
  worker.join();
  ASSERT_TRUE((*recorder)->Poll(20));
  decide();
  ASSERT_TRUE((*recorder)->Stop());
  const auto evidence = (*recorder)->Snapshot();
  CallSet expected = {{k64, NR_mmap}, {k64, NR_exit_group}};
  for (uint32_t i = 0; i < lives; i++) expected.emplace(k64, kFirst + i);
  // Programs of a container become workload by an exec outside of the host's mounts: these have not left
  // them.
  const CallSet seen = Seen(evidence, "short", ProgramPath(), Arrival::kArrived);
  EXPECT_EQ(Text(Minus(expected, seen)), "nothing");
  EXPECT_EQ(Text(Minus(seen, expected)), "nothing");
  EXPECT_EQ(Gaps(evidence), "");
}

}  // namespace
}  // namespace whittle::record
