// Application binary interfaces: the ways in which a program can number its system calls. One kernel serves
// several (x86-64: x86_64, i386 by int 0x80, x32), and the same number means different calls in each.
// Pure; thread safe. Source of names and values: linux/audit.h, OCI runtime-spec, libseccomp(3).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace whittle {

// The order is that of the columns of data/syscalls.csv; the first three are those of the recorder's bitmaps.
enum class Abi : uint8_t {
  kX86_64,
  kI386,
  kX32,
  kAarch64,
  kArm,
  kS390x,
  kS390,
  kPpc64,
  kPpc,
  kRiscv64,
  kMips64,
  kMips64N32,
  kMips,
  kLoongarch64,
};
inline constexpr size_t kAbiCount = 14;

std::span<const Abi> AllAbis();

// "x86_64", "i386", "x32", "aarch64", ...: the spelling of evidence, of tables and of messages.
std::string_view AbiName(Abi abi);
// That spelling, or a common other one: "x86", "amd64", "arm64", "ppc64le", "SCMP_ARCH_X86", ...
std::optional<Abi> ParseAbi(std::string_view text);

// The value of seccomp_data.arch (AUDIT_ARCH_*). x86_64 and x32 share one; x32 calls have bit 30 in their
// number. The little-endian value where both byte orders exist (ppc64, mips).
uint32_t AuditArch(Abi abi);
inline constexpr uint32_t kX32Bit = 0x40000000;
// What a call's number carries beside the table's: kX32Bit for x32, else 0.
inline constexpr uint32_t AbiBit(Abi abi) { return abi == Abi::kX32 ? kX32Bit : 0; }
// The other way round: what tells calls by number does not tell x32 from x86_64. Negative numbers, with which
// tracers skip calls, are not x32's.
inline constexpr Abi AbiOfNumber(Abi abi, uint32_t number) {
  return abi == Abi::kX86_64 && number >> 30 == 1 ? Abi::kX32 : abi;
}

// "SCMP_ARCH_X86_64", the spelling of profiles. ppc64 and the mips ABIs give the little-endian one.
std::string_view ScmpArchName(Abi abi);

// The ABI that a 64-bit kernel of this machine ("x86_64", "aarch64", uname -m) runs natively.
Result<Abi> NativeAbi(std::string_view machine);
// The ABIs that such a kernel may serve, the native one first: x86_64 -> x86_64, i386, x32.
std::span<const Abi> SiblingAbis(Abi native);

// True if registers hold 32 bits: i386, arm, s390, ppc, mips.
bool Is32Bit(Abi abi);

// True if the high half of a 64-bit word comes first: s390x, s390, ppc.
bool IsBigEndian(Abi abi);

}  // namespace whittle
