#include "syscalls/abi.h"

#include <fmt/core.h>

#include <array>
#include <string>

namespace whittle {
namespace {

struct AbiRow {
  Abi abi;
  std::string_view name;
  std::string_view scmp;
  std::string_view other;  // one more spelling that people use
  uint32_t audit_arch;
  bool is_32_bit;
};

constexpr std::array<AbiRow, kAbiCount> kRows = {{
    {Abi::kX86_64, "x86_64", "SCMP_ARCH_X86_64", "amd64", 0xc000003e, false},
    {Abi::kI386, "i386", "SCMP_ARCH_X86", "x86", 0x40000003, true},
    {Abi::kX32, "x32", "SCMP_ARCH_X32", "x32", 0xc000003e, false},
    {Abi::kAarch64, "aarch64", "SCMP_ARCH_AARCH64", "arm64", 0xc00000b7, false},
    {Abi::kArm, "arm", "SCMP_ARCH_ARM", "armhf", 0x40000028, true},
    {Abi::kS390x, "s390x", "SCMP_ARCH_S390X", "s390x", 0x80000016, false},
    {Abi::kS390, "s390", "SCMP_ARCH_S390", "s390", 0x00000016, true},
    {Abi::kPpc64, "ppc64", "SCMP_ARCH_PPC64LE", "ppc64le", 0xc0000015, false},
    {Abi::kPpc, "ppc", "SCMP_ARCH_PPC", "powerpc", 0x00000014, true},
    {Abi::kRiscv64, "riscv64", "SCMP_ARCH_RISCV64", "riscv64", 0xc00000f3, false},
    {Abi::kMips64, "mips64", "SCMP_ARCH_MIPSEL64", "mips64el", 0xc0000008, false},
    {Abi::kMips64N32, "mips64n32", "SCMP_ARCH_MIPSEL64N32", "mipsn32el", 0xe0000008, false},
    {Abi::kMips, "mips", "SCMP_ARCH_MIPSEL", "mipsel", 0x40000008, true},
    {Abi::kLoongarch64, "loongarch64", "SCMP_ARCH_LOONGARCH64", "loong64", 0xc0000102, false},
}};

constexpr std::array<Abi, kAbiCount> MakeAll() {
  std::array<Abi, kAbiCount> all{};
  for (size_t i = 0; i < kAbiCount; ++i) all[i] = static_cast<Abi>(i);
  return all;
}
constexpr auto kAll = MakeAll();

constexpr bool RowsInOrder() {
  for (size_t i = 0; i < kAbiCount; ++i) {
    if (kRows[i].abi != kAll[i]) return false;
  }
  return true;
}
static_assert(RowsInOrder());

const AbiRow& Row(Abi abi) { return kRows[static_cast<size_t>(abi)]; }

constexpr Abi kX86Family[] = {Abi::kX86_64, Abi::kI386, Abi::kX32};
constexpr Abi kArmFamily[] = {Abi::kAarch64, Abi::kArm};
constexpr Abi kS390Family[] = {Abi::kS390x, Abi::kS390};
constexpr Abi kMipsFamily[] = {Abi::kMips64, Abi::kMips64N32, Abi::kMips};
constexpr Abi kPpcFamily[] = {Abi::kPpc64};

}  // namespace

std::span<const Abi> AllAbis() { return kAll; }
std::string_view AbiName(Abi abi) { return Row(abi).name; }
std::string_view ScmpArchName(Abi abi) { return Row(abi).scmp; }
uint32_t AuditArch(Abi abi) { return Row(abi).audit_arch; }
bool Is32Bit(Abi abi) { return Row(abi).is_32_bit; }
bool IsBigEndian(Abi abi) { return abi == Abi::kS390x || abi == Abi::kS390 || abi == Abi::kPpc; }

std::optional<Abi> ParseAbi(std::string_view text) {
  for (const auto& row : kRows) {
    if (text == row.name || text == row.scmp || text == row.other) return row.abi;
  }
  return std::nullopt;
}

Result<Abi> NativeAbi(std::string_view machine) {
  const auto abi = ParseAbi(machine);
  if (!abi || Is32Bit(*abi)) {
    return Fail(ErrorCode::kNotPossible, fmt::format("machine '{}' is not one that Whittle knows", machine));
  }
  return *abi;
}

std::span<const Abi> SiblingAbis(Abi native) {
  switch (native) {
    case Abi::kX86_64: return kX86Family;
    case Abi::kAarch64: return kArmFamily;
    case Abi::kS390x: return kS390Family;
    case Abi::kMips64: return kMipsFamily;
    case Abi::kPpc64: return kPpcFamily;
    default: return std::span(kAll).subspan(static_cast<size_t>(native), 1);
  }
}

}  // namespace whittle
