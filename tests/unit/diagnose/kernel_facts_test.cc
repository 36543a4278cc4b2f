#include <gtest/gtest.h>

#include "diagnose/collect.h"

namespace whittle::diagnose {
namespace {

constexpr int64_t kStart = 1795911122000;

std::string Record(const std::string& second, const std::string& comm, const std::string& exe, int call) {
  return "6,101,1138359675,-;audit: type=1326 audit(" + second +
         ".056:101): auid=4294967295 uid=0 gid=0 ses=4294967295 "
         "pid=20832 comm=\"" +
         comm + "\" exe=\"" + exe + "\" sig=31 arch=c000003e syscall=" + std::to_string(call) +
         " compat=0 ip=0x47b567 code=0x80000000";
}

Facts Known() {
  Facts facts;
  facts.info = container::ContainerInfo{};
  facts.info->id = std::string(64, 'a');
  facts.info->command = {"/bin/busybox", "mkdir"};
  facts.info->created_ms = kStart - 5000;
  facts.info->started_ms = kStart;
  facts.info->ended_ms = kStart + 1000;
  return facts;
}

TEST(KernelFactsTest, TakesRecordsOfTheProgramAndOfTheRuntimeWithinItsLife) {
  Facts facts = Known();
  TakeKernelLog(
      {Record("1795911122", "busybox", "/bin/busybox", 83), Record("1795911122", "runc:[2:INIT]", "/", 126),
       Record("1795911122", "other", "/usr/bin/other", 59),
       Record("1795911222", "busybox", "/bin/busybox", 84), "6,1,2,-;something else"},
      kStart + 500'000, facts);
  ASSERT_EQ(facts.refused.size(), 2u);
  EXPECT_EQ(facts.refused[0].call, "mkdir");
  EXPECT_FALSE(facts.refused[0].arrived);
  EXPECT_EQ(facts.refused[1].call, "capset");
  EXPECT_TRUE(facts.refused[1].arrived);
}

TEST(KernelFactsTest, NoticesThatItsControlGroupRanOutOfMemory) {
  Facts facts = Known();
  TakeKernelLog({"6,9,9,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/docker/" + std::string(64, 'b')},
                kStart, facts);
  EXPECT_FALSE(facts.out_of_memory);
  TakeKernelLog({"6,9,9,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/docker/" + std::string(64, 'a')},
                kStart, facts);
  EXPECT_TRUE(facts.out_of_memory);
}

}  // namespace
}  // namespace whittle::diagnose
