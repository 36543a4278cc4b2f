// The names and numbers of the installed libseccomp are those of data/libseccomp.csv, on every architecture
// that it knows. What it makes of rules is compared in tests/oracle.
#include <gtest/gtest.h>

#include <algorithm>

#include "filter/library.h"
#include "libseccomp/words.h"
#include "syscalls/table.h"

namespace whittle::filter {
namespace {

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
    for (const Abi abi : AllAbis()) {
      const uint32_t arch = libseccomp::ArchOf(abi);
      if (arch == 0 || !known || IsMultiplexed(abi, name)) continue;
      const int number = seccomp_syscall_resolve_name_arch(arch, name.c_str());
      EXPECT_EQ(static_cast<int>(ours->NumberOn(abi).value_or(UINT32_MAX)), std::max(number, -1))
          << name << " on " << AbiName(abi);
    }
  }
}

}  // namespace
}  // namespace whittle::filter
