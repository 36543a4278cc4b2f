#include "libseccomp/words.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"

namespace whittle::libseccomp {

uint32_t ArchOf(Abi abi) {
  switch (abi) {
    case Abi::kX86_64:
      return SCMP_ARCH_X86_64;
    case Abi::kI386:
      return SCMP_ARCH_X86;
    case Abi::kX32:
      return SCMP_ARCH_X32;
    case Abi::kAarch64:
      return SCMP_ARCH_AARCH64;
    case Abi::kArm:
      return SCMP_ARCH_ARM;
    case Abi::kS390x:
      return SCMP_ARCH_S390X;
    case Abi::kS390:
      return SCMP_ARCH_S390;
    case Abi::kPpc64:
      return SCMP_ARCH_PPC64LE;
    case Abi::kPpc:
      return SCMP_ARCH_PPC;
    case Abi::kRiscv64:
      return SCMP_ARCH_RISCV64;
    case Abi::kMips64:
      return SCMP_ARCH_MIPSEL64;
    case Abi::kMips64N32:
      return SCMP_ARCH_MIPSEL64N32;
    case Abi::kMips:
      return SCMP_ARCH_MIPSEL;
    case Abi::kLoongarch64:
      break;
  }
  return 0;
}

scmp_arg_cmp Comparison(const profile::Condition& condition) {
  constexpr scmp_compare kOperators[] = {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,       SCMP_CMP_EQ,
                                         SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ};
  return {condition.index, kOperators[static_cast<size_t>(condition.op)], condition.value,
          condition.value_two};
}

std::optional<filter::Program> Export(void* context) {
  const Fd file(memfd_create("filter", 0));
  if (seccomp_export_bpf(context, file.get()) != 0) return std::nullopt;
  filter::Program program(static_cast<size_t>(lseek(file.get(), 0, SEEK_END)) / sizeof(sock_filter));
  const size_t bytes = program.size() * sizeof(sock_filter);
  if (pread(file.get(), program.data(), bytes, 0) != static_cast<ssize_t>(bytes)) return std::nullopt;
  return program;
}

}  // namespace whittle::libseccomp
