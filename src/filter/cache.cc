#include "filter/cache.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace whittle::filter {
namespace {

constexpr profile::Version kFirstKernel{5, 11, 0};

// ABIs that a kernel keeps a bitmap for. Source: SECCOMP_ARCH_NATIVE and SECCOMP_ARCH_COMPAT in
// arch/*/include/asm/seccomp.h.
struct Cached {
  Abi native;
  std::optional<Abi> compat;
};
constexpr Cached kCached[] = {
    {Abi::kX86_64, Abi::kI386},
    {Abi::kAarch64, Abi::kArm},
    {Abi::kS390x, Abi::kS390},
    {Abi::kPpc64, Abi::kPpc},
    {Abi::kRiscv64, {}},
    {Abi::kLoongarch64, {}},
    {Abi::kI386, {}},
    {Abi::kArm, {}},
    {Abi::kPpc, {}},
};

std::optional<uint32_t> KnownWord(uint32_t offset, uint32_t architecture, uint32_t number) {
  if (offset == offsetof(seccomp_data, nr)) return number;
  if (offset == offsetof(seccomp_data, arch)) return architecture;
  return std::nullopt;
}

// Whether the jump is taken; nothing for jumps that the kernel does not follow.
std::optional<bool> Taken(const sock_filter& in, uint32_t accumulator) {
  switch (in.code) {
    case BPF_JMP | BPF_JEQ | BPF_K:
      return accumulator == in.k;
    case BPF_JMP | BPF_JGE | BPF_K:
      return accumulator >= in.k;
    case BPF_JMP | BPF_JGT | BPF_K:
      return accumulator > in.k;
    case BPF_JMP | BPF_JSET | BPF_K:
      return (accumulator & in.k) != 0;
    default:
      return std::nullopt;
  }
}

}  // namespace

KnownWay FollowKnown(std::span<const sock_filter> program, uint32_t architecture, uint32_t number) {
  KnownWay way;
  while (true) {
    const sock_filter& in = program[way.at];
    if (in.code == (BPF_RET | BPF_K)) {
      way.constant = true;
      return way;
    }
    uint32_t skipped = 0;
    if (in.code == (BPF_LD | BPF_W | BPF_ABS)) {
      const auto word = KnownWord(in.k, architecture, number);
      if (!word) return way;
      way.accumulator = *word;
    } else if (in.code == (BPF_ALU | BPF_AND | BPF_K)) {
      way.accumulator &= in.k;
    } else if (in.code == (BPF_JMP | BPF_JA)) {
      skipped = in.k;
    } else if (const auto taken = Taken(in, way.accumulator)) {
      skipped = *taken ? in.jt : in.jf;
    } else {
      return way;
    }
    ++way.steps;
    way.at += 1 + skipped;
  }
}

bool IsConstantAllow(std::span<const Program> programs, Abi abi, uint32_t number) {
  return std::ranges::all_of(programs, [&](const Program& program) {
    const KnownWay way = FollowKnown(program, AuditArch(abi), number);
    return way.constant && program[way.at].k == SECCOMP_RET_ALLOW;
  });
}

bool HasVerdictCache(const profile::Version& kernel, Abi native, Abi abi) {
  if (kernel < kFirstKernel) return false;
  return std::ranges::any_of(kCached, [&](const Cached& row) {
    return row.native == native && (abi == native || abi == row.compat);
  });
}

}  // namespace whittle::filter
