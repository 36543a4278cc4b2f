// The structs that the kernel side and user space share: a change of any offset must be meant, and raise the
// version.
#include <gtest/gtest.h>

#include <cstddef>

#include "shared.h"

namespace {

TEST(SharedLayout, IsThatOfVersion3) {
  EXPECT_EQ(WHITTLE_BPF_ABI, 3);
  EXPECT_EQ(offsetof(whittle_thread, task), 8u);
  EXPECT_EQ(offsetof(whittle_thread, in_call), 16u);
  EXPECT_EQ(offsetof(whittle_subject_key, inode), 8u);
  EXPECT_EQ(offsetof(whittle_subject_key, modified_ns), 16u);
  EXPECT_EQ(offsetof(whittle_subject_key, device), 24u);
  EXPECT_EQ(offsetof(whittle_subject_key, generation), 28u);
  EXPECT_EQ(offsetof(whittle_subject_key, flags), 32u);
  EXPECT_EQ(offsetof(whittle_subject_key, filters), 36u);
  EXPECT_EQ(offsetof(whittle_subject, pid), 40u);
  EXPECT_EQ(offsetof(whittle_subject, unused), 44u);
  EXPECT_EQ(offsetof(whittle_subject, path_bytes), 48u);
  EXPECT_EQ(offsetof(whittle_subject, comm), 56u);
  EXPECT_EQ(offsetof(whittle_subject, path), 72u);
  EXPECT_EQ(offsetof(whittle_script_key, name), 40u);
  EXPECT_EQ(offsetof(whittle_watched, maker_mount_ns), 8u);
  EXPECT_EQ(offsetof(whittle_session, alive_ms), 16u);
  EXPECT_EQ(offsetof(whittle_session, id), 32u);
  EXPECT_EQ(offsetof(whittle_candidate_key, kind), 12u);
  EXPECT_EQ(offsetof(whittle_candidate_key, result), 16u);
  EXPECT_EQ(offsetof(whittle_candidate, arguments), 8u);
  EXPECT_EQ(offsetof(whittle_candidate_key, filters), 24u);
  EXPECT_EQ(offsetof(whittle_candidate_key, variant), 32u);
  EXPECT_EQ(offsetof(whittle_candidate, first_ns), 64u);
  EXPECT_EQ(offsetof(whittle_candidate, pid), 80u);
  EXPECT_EQ(offsetof(whittle_candidate, verdict), 92u);
  EXPECT_EQ(offsetof(whittle_candidate, filter), 100u);
  EXPECT_EQ(offsetof(whittle_candidate, sample), 104u);
  EXPECT_EQ(offsetof(whittle_candidate, next), 112u);
  EXPECT_EQ(offsetof(whittle_candidate, comm), 144u);
  EXPECT_EQ(offsetof(whittle_module, path), 40u);
  EXPECT_EQ(offsetof(whittle_sample, stack_bytes), 140u);
  EXPECT_EQ(offsetof(whittle_sample, modules), 152u);
  EXPECT_EQ(offsetof(whittle_event, owner), 8u);
  EXPECT_EQ(offsetof(whittle_event, path), 24u);
  EXPECT_EQ(offsetof(whittle_control, host_mount_ns), 24u);
  EXPECT_EQ(offsetof(whittle_counters, errors), 48u);
}

// The masks in bpf/ need powers of two.
TEST(SharedLayout, TablesHavePowersOfTwo) {
  for (const unsigned size : {WHITTLE_SLOTS, WHITTLE_THREADS, WHITTLE_PATH, WHITTLE_NAME, WHITTLE_NUMBERS}) {
    EXPECT_EQ(size & (size - 1), 0u) << size;
  }
  static_assert(WHITTLE_SLOTS <= 65536, "a slot is 16 bits of a thread's word");
}

}  // namespace
