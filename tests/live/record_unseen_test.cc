// Why data/essentials.csv has time, gettimeofday and getcpu: calls through the vsyscall page are decided by
// filters, and no tracepoint fires for them.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include "record_harness.h"
#include "syscalls/table.h"

namespace whittle::record {
namespace {

TEST(RecordUnseen, CallsThroughTheVsyscallPageAreFilteredAndNotSeen) {
  if (const auto why = WhyNotLive(); !why.empty()) GTEST_SKIP() << why;
  const int status = std::system(RECORD_UNSEEN);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "SKIPPED: this kernel has no vsyscall page";
  EXPECT_EQ(WEXITSTATUS(status), 0) << "the filter did not decide on it";
  const auto evidence = RecordCommand(Options{}, {RECORD_UNSEEN});
  ASSERT_TRUE(evidence) << evidence.error().message;
  bool any = false;
  for (const auto& [subject, calls] : evidence->subjects) {
    if (subject.executable != RECORD_UNSEEN) continue;
    for (const auto& [key, observation] : calls) {
      any = true;
      EXPECT_NE(SyscallText(key.abi, key.number), "time") << "seen after all: no need to allow it unseen";
    }
  }
  EXPECT_TRUE(any);
}

}  // namespace
}  // namespace whittle::record
