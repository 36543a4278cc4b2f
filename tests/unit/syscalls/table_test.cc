#include "syscalls/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>

namespace whittle {
namespace {

TEST(SyscallTable, NamesAndNumbersAreInverse) {
  for (const Abi abi : AllAbis()) {
    for (const auto name : AllSyscallNames()) {
      const auto number = SyscallNumber(abi, name);
      if (!number) continue;
      EXPECT_EQ(SyscallName(abi, *number), name) << AbiName(abi);
    }
  }
}

TEST(SyscallTable, AgreesWithTheCompilersHeaders) {
  EXPECT_EQ(SyscallNumber(Abi::kX86_64, "read"), SYS_read);
  EXPECT_EQ(SyscallNumber(Abi::kX86_64, "openat2"), SYS_openat2);
  EXPECT_EQ(SyscallNumber(Abi::kX86_64, "finit_module"), SYS_finit_module);
}

TEST(SyscallTable, TheSameNumberIsAnotherCallOnAnotherAbi) {
  EXPECT_EQ(SyscallName(Abi::kX86_64, 313), "finit_module");
  EXPECT_EQ(SyscallName(Abi::kI386, 313), "splice");
  EXPECT_EQ(SyscallName(Abi::kX32, 1 | kX32Bit), "write");
  EXPECT_EQ(SyscallName(Abi::kX32, 1), std::nullopt);
}

TEST(SyscallTable, NumbersWithoutANameAreWrittenAndReadBack) {
  EXPECT_EQ(SyscallText(Abi::kX86_64, 999), "#999");
  EXPECT_EQ(ParseSyscall(Abi::kX86_64, "#999"), 999u);
  EXPECT_EQ(ParseSyscall(Abi::kX86_64, "#4294967295"), 0xffffffffu);
  EXPECT_EQ(ParseSyscall(Abi::kX86_64, "#4294967296"), std::nullopt);
  EXPECT_EQ(ParseSyscall(Abi::kX86_64, "nonsense"), std::nullopt);
}

TEST(SyscallTable, SuggestsTheNearestName) {
  EXPECT_EQ(DidYouMean("opneat"), ", did you mean 'openat'?");
  EXPECT_EQ(DidYouMean("PTRACE"), ", did you mean 'ptrace'?");
  EXPECT_EQ(DidYouMean("Opneat"), ", did you mean 'openat'?");
  EXPECT_THAT(DidYouMean("fstatat"), testing::HasSubstr("did you mean 'newfstatat'?"));
  EXPECT_THAT(DidYouMean("pread"), testing::HasSubstr("did you mean 'pread64'?"));
}

TEST(SyscallTable, KnowsWhatTheKernelCallsTheFunctionBehindACall) {
  for (const auto text : {"newuname", "sys_newuname", "__x64_sys_newuname", "__NR_uname", "SYS_uname"})
    EXPECT_THAT(DidYouMean(text), testing::HasSubstr("did you mean 'uname'?")) << text;
  EXPECT_THAT(DidYouMean("sys_newstat"), testing::HasSubstr("did you mean 'stat'?"));
  EXPECT_THAT(DidYouMean("__ia32_compat_sys_openat"), testing::HasSubstr("did you mean 'openat'?"));
}

TEST(Abi, SpellingsAreUnderstood) {
  for (const Abi abi : AllAbis()) {
    EXPECT_EQ(ParseAbi(AbiName(abi)), abi);
    EXPECT_EQ(ParseAbi(ScmpArchName(abi)), abi);
  }
  EXPECT_EQ(ParseAbi("x86"), Abi::kI386);
  EXPECT_EQ(ParseAbi("amd64"), Abi::kX86_64);
  EXPECT_EQ(ParseAbi("arm64"), Abi::kAarch64);
  EXPECT_EQ(ParseAbi("vax"), std::nullopt);
}

}  // namespace
}  // namespace whittle
