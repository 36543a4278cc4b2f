#include "inspect/kernel_calls.h"

#include <gtest/gtest.h>

namespace whittle::inspect {
namespace {

TEST(KernelCalls, AreThoseOfTheKernelsTable) {
  const auto calls = KernelCalls::Parse(
      "ffffffff81000000 T __x64_sys_read\nffffffff81000010 W __x64_sys_kexec_load\n"
      "ffffffff81000020 T __x64_sys_umount\nffffffff81000030 T ia32_sys_call\n"
      "ffffffff81000040 T __ia32_compat_sys_ioctl\n");
  EXPECT_EQ(calls.Has(Abi::kX86_64, "read"), true);
  EXPECT_EQ(calls.Has(Abi::kX86_64, "umount2"), true);
  EXPECT_EQ(calls.Has(Abi::kX86_64, "kexec_load"), false) << "left out of the build";
  EXPECT_EQ(calls.Has(Abi::kX86_64, "listns"), false) << "newer than the kernel";
  EXPECT_EQ(calls.Has(Abi::kI386, "ioctl"), true);
  EXPECT_EQ(calls.Has(Abi::kI386, "stat64"), std::nullopt);
  EXPECT_EQ(calls.Serves(Abi::kX32), false);
  EXPECT_EQ(calls.Has(Abi::kX32, "read"), false);
}

TEST(KernelCalls, WithoutSymbolsNothingIsKnown) {
  const auto calls = KernelCalls::Parse("");
  EXPECT_EQ(calls.Has(Abi::kX86_64, "read"), std::nullopt);
  EXPECT_EQ(calls.Serves(Abi::kX32), std::nullopt);
}

}  // namespace
}  // namespace whittle::inspect
