// What the kernel's verifier has to do for each program: instructions that it walked through, all paths
// together. The kernel refuses a program beyond a million, older kernels have shorter patience, and a jump
// shows that a change made the verifier's work grow by paths. Limits are what was measured on 6.18 and a
// quarter more; a change that needs more says why.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "record_harness.h"
#include "shared.h"

#include "recorder.skel.h"  // needs the structs above

namespace whittle::record {
namespace {

const std::map<std::string, uint32_t> kLimits = {
    // With the machine that asks filters again, and the copy of a stack.
    {"record_enter", 66'000}, {"watch_enter", 66'000}, {"watch_exit", 39'500}, {"watch_signal", 27'300},
    {"on_fork", 6'400},       {"on_exec", 8'700},      {"on_exit", 32'000},    {"on_attach", 1'800},
    {"on_mkdir", 860},        {"on_rmdir", 150},      {"wake_on_signal", 4'600},
};

TEST(RecordVerifier, WalksThroughNoMoreInstructionsThanAllowed) {
  if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
  for (const uint32_t task_helper : {0, 1}) {
    auto* skeleton = recorder__open();
    ASSERT_NE(skeleton, nullptr);
    skeleton->rodata->watch_denials = 1;
    skeleton->rodata->use_task_helper = task_helper;
    EXPECT_EQ(recorder__load(skeleton), 0);
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, skeleton->obj) {
      const std::string name = bpf_program__name(program);
      bpf_prog_info info{};
      uint32_t size = sizeof(info);
      ASSERT_EQ(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size), 0) << name;
      RecordProperty(name, static_cast<int>(info.verified_insns));
      printf("%-16s %8u instructions verified\n", name.c_str(), info.verified_insns);
      const auto limit = kLimits.find(name);
      if (limit == kLimits.end()) {
        ADD_FAILURE() << name << " has no limit here";
        continue;
      }
      EXPECT_GT(info.verified_insns, 0u) << name << ": the kernel (5.16 and later) does not say";
      EXPECT_LE(info.verified_insns, limit->second) << name;
    }
    recorder__destroy(skeleton);
  }
}

}  // namespace
}  // namespace whittle::record
