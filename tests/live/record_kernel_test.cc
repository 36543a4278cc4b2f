// The seam to the kernel: cgroups made by hand, and slots that are given back.
#include "record/kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/time.h"
#include "record/live_recorder.h"
#include "record/totals.h"
#include "record_calls_numbers.h"
#include "record_cgroup.h"
#include "record_harness.h"

namespace whittle::record {
namespace {

class RecordKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
    if (!TestCgroup().made()) GTEST_SKIP() << "needs a cgroup v2 mount where a cgroup can be made";
  }
};

std::set<uint32_t> SlotsOf(const Kernel& kernel, CgroupKey owner) {
  std::set<uint32_t> slots;
  for (uint32_t slot = WHITTLE_FIRST_SLOT; slot < kernel.slot_end(); slot++) {
    const auto subject = kernel.Subject(slot);
    if (subject && subject->key.owner == owner.value) slots.insert(slot);
  }
  return slots;
}

size_t UsedSlots(const Kernel& kernel) {
  size_t used = 0;
  for (uint32_t slot = WHITTLE_FIRST_SLOT; slot < kernel.slot_end(); slot++)
    used += kernel.Subject(slot) ? 1 : 0;
  return used;
}

CallSet CallsOf(Kernel& kernel, const std::set<uint32_t>& slots) {
  CallSet calls;
  for (const uint32_t slot : slots) {
    kernel.ReadSlot(slot, kernel.parity(), Kernel::Clear::kNo,
                    [&](uint32_t row, uint32_t index, uint64_t bits) {
                      for (uint32_t bit = 0; bit < 64; bit++) {
                        if ((bits >> bit & 1) != 0) calls.emplace(AbiOfRow(row), index * 64 + bit);
                      }
                    });
  }
  return calls;
}

TEST_F(RecordKernel, SlotsThatAreGivenBackAreUsedAgainAndEmpty) {
  auto kernel = Kernel::Load({});
  ASSERT_TRUE(kernel) << kernel.error().message;
  uint32_t end = 0;
  for (int round = 0; round < 4; round++) {
    const TestCgroup cgroup;
    ASSERT_TRUE((*kernel)->Watch(cgroup.key(), WHITTLE_KEPT, WHITTLE_KIND_PLAIN));
    (*kernel)->ForgetThreads();
    cgroup.Run({ProgramPath(), "n:" + std::to_string(600 + round), "n:5000"});
    const auto slots = SlotsOf(**kernel, cgroup.key());
    ASSERT_FALSE(slots.empty());
    const auto calls = CallsOf(**kernel, slots);
    for (int other = 0; other < 4; other++) {
      EXPECT_EQ(calls.contains({Abi::kX86_64, 600 + other}), other == round) << "round " << round;
    }
    EXPECT_EQ((*kernel)->Overflow().size(), 1u);
    EXPECT_TRUE(round == 0 || (*kernel)->slot_end() == end);
    end = (*kernel)->slot_end();
    (*kernel)->Unwatch(cgroup.key());
    (*kernel)->ForgetThreads();
    (*kernel)->WaitForPrograms();
    std::map<uint32_t, whittle_subject_key> free;
    for (const uint32_t slot : slots) free[slot] = (*kernel)->Subject(slot)->key;
    (*kernel)->FreeSlots(free);
    EXPECT_TRUE(SlotsOf(**kernel, cgroup.key()).empty());
    EXPECT_TRUE((*kernel)->Overflow().empty());
  }
}

// Everything that recorders can drop is dropped, again and again.
TEST_F(RecordKernel, DroppedCgroupsLeaveNothingBehind) {
  Options options;
  options.new_cgroups = NewCgroups::kRecordUntilDecided;
  options.epoch_ms = 20;
  auto loaded = Kernel::Load(options);
  ASSERT_TRUE(loaded) << loaded.error().message;
  const Kernel& kernel = **loaded;
  LiveRecorder recorder(options, std::move(*loaded), Abi::kX86_64);
  for (int i = 0; i < 20; i++) {
    const TestCgroup cgroup;
    cgroup.Run({ProgramPath(), "n:39"});
    const int64_t deadline = MonotonicMs() + 5000;
    bool found = false;
    while (!found && MonotonicMs() < deadline) {
      ASSERT_TRUE(recorder.Poll(5));
      for (const auto& undecided : recorder.Undecided()) found |= undecided.key == cgroup.key();
    }
    ASSERT_TRUE(found) << "the new cgroup was not noticed";
    ASSERT_TRUE(recorder.Drop(cgroup.key()));
  }
  // What others on this machine make meanwhile is dropped, too.
  for (const int64_t end = MonotonicMs() + 10'000; MonotonicMs() < end && UsedSlots(kernel) != 0;) {
    ASSERT_TRUE(recorder.Poll(10));
    for (const auto& undecided : recorder.Undecided()) ASSERT_TRUE(recorder.Drop(undecided.key));
  }
  EXPECT_EQ(UsedSlots(kernel), 0u);
  const auto evidence = recorder.Snapshot();
  EXPECT_TRUE(evidence.subjects.empty());
  EXPECT_EQ(Gaps(evidence), "");
}

// With the first container of a host an engine makes the folder for all of them ("/docker"): nobody's, and dropped, while
// the container below it is still to be decided about.
TEST_F(RecordKernel, WhatRunsBelowADroppedCgroupIsNotDroppedWithIt) {
  Options options;
  options.new_cgroups = NewCgroups::kRecordUntilDecided;
  options.epoch_ms = 20;
  auto recorder = Recorder::Create(options);
  ASSERT_TRUE(recorder) << recorder.error().message;
  const TestCgroup folder;
  const TestCgroup container(folder.directory());
  container.Run({ProgramPath(), "n:39"});
  const auto undecided = [&](const TestCgroup& cgroup) {
    return std::ranges::any_of((*recorder)->Undecided(),
                               [&](const Cgroup& each) { return each.key == cgroup.key(); });
  };
  for (const int64_t end = MonotonicMs() + 5000; MonotonicMs() < end && !undecided(container);) {
    ASSERT_TRUE((*recorder)->Poll(5));
  }
  ASSERT_TRUE(undecided(folder));
  ASSERT_TRUE((*recorder)->Drop(folder.key()));
  EXPECT_TRUE(undecided(container)) << "nobody decided about it";
  // Until what was dropped is forgotten.
  for (const int64_t end = MonotonicMs() + 200; MonotonicMs() < end;) ASSERT_TRUE((*recorder)->Poll(5));
  container.Run({ProgramPath(), "n:24"});
  ASSERT_TRUE((*recorder)->Keep(container.key()));
  (*recorder)->Name(container.key(), "wanted");
  ASSERT_TRUE((*recorder)->Stop());
  const auto evidence = (*recorder)->Snapshot();
  CallSet seen;
  for (const auto arrival : {evidence::Arrival::kWorkload, evidence::Arrival::kArrived}) {
    seen.merge(Seen(evidence, "wanted", ProgramPath(), arrival));
  }
  EXPECT_TRUE(seen.contains({Abi::kX86_64, 39}) && seen.contains({Abi::kX86_64, 24})) << Text(seen);
}

TEST_F(RecordKernel, WhatExecutesInAPlainCgroupIsWorkload) {
  const TestCgroup cgroup;
  auto recorder = Recorder::Create({});
  ASSERT_TRUE(recorder) << recorder.error().message;
  ASSERT_TRUE((*recorder)->AddCgroup(cgroup.key(), CgroupKind::kPlain));
  (*recorder)->Name(cgroup.key(), "by-hand");
  cgroup.Run({ProgramPath(), "n:39", "i:20"});
  ASSERT_TRUE((*recorder)->Stop());
  const auto evidence = (*recorder)->Snapshot();
  const CallSet expected = {
      {Abi::kX86_64, NR_mmap}, {Abi::kX86_64, 39}, {Abi::kI386, 20}, {Abi::kX86_64, NR_exit_group}};
  EXPECT_EQ(Text(Seen(evidence, "by-hand", ProgramPath())), Text(expected));
  EXPECT_EQ(Gaps(evidence), "");
}

// A process with threads moves as a whole: each thread is somebody else's at its very next call.
TEST_F(RecordKernel, AMoveTakesAllThreadsAlong) {
  const TestCgroup cgroup;
  auto recorder = Recorder::Create({});
  ASSERT_TRUE(recorder) << recorder.error().message;
  ASSERT_TRUE((*recorder)->AddCgroup(cgroup.key(), CgroupKind::kPlain));
  HeldChild child({ProgramPath(), "t", "L:100000000", "n:600", ".", ".", "t", "L:100000000", "i:601", ".",
                   ".", "L:100000000", "n:24", "."});
  child.Go();
  for (const int64_t end = MonotonicMs() + 300; MonotonicMs() < end;) ASSERT_TRUE((*recorder)->Poll(50));
  EXPECT_TRUE((*recorder)->Snapshot().subjects.empty()) << "they are bystanders still";
  cgroup.Move(child.pid());
  CallSet seen;
  for (const int64_t end = MonotonicMs() + 5000; MonotonicMs() < end && seen.size() < 3;) {
    ASSERT_TRUE((*recorder)->Poll(50));
    seen = Seen((*recorder)->Snapshot(), "", ProgramPath(), evidence::Arrival::kArrived);
  }
  EXPECT_EQ(Text(seen), Text({{Abi::kX86_64, 24}, {Abi::kX86_64, 600}, {Abi::kI386, 601}}));
}

TEST_F(RecordKernel, WhatDoesNotExistIsNamed) {
  auto recorder = Recorder::Create({});
  ASSERT_TRUE(recorder) << recorder.error().message;
  EXPECT_EQ((*recorder)->AddCgroup(CgroupKey{0x7fffffff}, CgroupKind::kPlain).error().code,
            ErrorCode::kBadInput);
  EXPECT_EQ((*recorder)->AddProcessTree(0x7ffffff0).error().code, ErrorCode::kBadInput);
  EXPECT_EQ(CgroupKeyOfDirectory("/no/such").error().code, ErrorCode::kBadInput);
  EXPECT_EQ(CgroupKeyOfDirectory("/tmp").error().code, ErrorCode::kBadInput);
}

TEST_F(RecordKernel, TheKeyOfACgroupLeadsBackToItsDirectory) {
  const TestCgroup cgroup;
  const auto directory = DirectoryOfCgroup(cgroup.key());
  ASSERT_TRUE(directory) << directory.error().message;
  EXPECT_EQ(*directory, cgroup.directory());
  EXPECT_EQ(PathOfCgroup(cgroup.key()).value_or(""), cgroup.directory().substr(FindCgroupMounts().v2.size()));
}

}  // namespace
}  // namespace whittle::record
