// The names and numbers of the installed libseccomp are those of data/libseccomp.csv, on every architecture
// that it knows. What it makes of rules is compared in tests/oracle.
#include <gtest/gtest.h>
#include <seccomp.h>

#include <algorithm>

#include "filter/library.h"
#include "syscalls/table.h"

namespace whittle::filter {
namespace {

constexpr std::pair<Abi, uint32_t> kArchitectures[] = {
    {Abi::kX86_64, SCMP_ARCH_X86_64},   {Abi::kI386, SCMP_ARCH_X86},
    {Abi::kX32, SCMP_ARCH_X32},         {Abi::kAarch64, SCMP_ARCH_AARCH64},
    {Abi::kArm, SCMP_ARCH_ARM},         {Abi::kS390x, SCMP_ARCH_S390X},
    {Abi::kS390, SCMP_ARCH_S390},       {Abi::kPpc64, SCMP_ARCH_PPC64LE},
    {Abi::kPpc, SCMP_ARCH_PPC},         {Abi::kRiscv64, SCMP_ARCH_RISCV64},
    {Abi::kMips64, SCMP_ARCH_MIPSEL64}, {Abi::kMips64N32, SCMP_ARCH_MIPSEL64N32},
    {Abi::kMips, SCMP_ARCH_MIPSEL},
};

TEST(Libseccomp, KnowsTheNamesAndNumbersThatTheTableSays) {
  const scmp_version* version = seccomp_version();
  const profile::Version installed{version->major, version->minor, version->micro};
  if (installed != profile::Version{2, 5, 4})
    GTEST_SKIP() << "the table is compared with 2.5.4 as Debian 12 builds it";
  for (const auto text : AllSyscallNames()) {
    const std::string name(text);
    const auto ours = profile::LibraryName::Find(name);
    const bool known = ours && ours->KnownTo(installed);
    EXPECT_EQ(seccomp_syscall_resolve_name(name.c_str()) != __NR_SCMP_ERROR, known) << name;
    for (const auto& [abi, arch] : kArchitectures) {
      if (!known || IsMultiplexed(abi, name)) continue;
      const int number = seccomp_syscall_resolve_name_arch(arch, name.c_str());
      EXPECT_EQ(static_cast<int>(ours->NumberOn(abi).value_or(UINT32_MAX)), std::max(number, -1))
          << name << " on " << AbiName(abi);
    }
  }
}

}  // namespace
}  // namespace whittle::filter
