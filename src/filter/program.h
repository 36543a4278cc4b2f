// A classic BPF program as the kernel's seccomp runs it, and the machine that runs it in user space.
// Pure; thread safe. Source: linux/filter.h, kernel/seccomp.c (seccomp_check_filter says which instructions
// exist).
#pragma once

#include <linux/filter.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "profile/action.h"
#include "syscalls/abi.h"

namespace whittle::filter {

inline constexpr size_t kMaxInstructions = 4096;  // the kernel's limit for one filter (BPF_MAXINSNS)

using Program = std::vector<sock_filter>;

// A system call as a filter sees it.
struct Call {
  Abi abi = Abi::kX86_64;
  uint32_t number = 0;  // x32: with bit 30
  std::array<uint64_t, 6> arguments{};
  uint64_t instruction_pointer = 0;
};

// The sixteen words of struct seccomp_data, as they lie in memory: number, architecture, instruction pointer
// (two words), arguments (two words each, in the byte order of the architecture).
using Data = std::array<uint32_t, 16>;
Data DataOf(const Call& call);
// The inverse; what `data` says of the architecture does not matter.
Call CallOf(const Data& data, Abi abi);

struct Verdict {
  profile::Action action = profile::Action::kKillProcess;
  uint16_t data = 0;   // errno, trace message
  uint32_t steps = 0;  // instructions executed
};

// Checks what the kernel checks before it takes a program: size, opcodes, jump targets, aligned loads inside
// seccomp_data, a final return. Errors: kBadInput with the instruction's index.
Result<void> Validate(std::span<const sock_filter> program);

// Runs a program that Validate() accepted.
Verdict Evaluate(std::span<const sock_filter> program, const Data& data);
Verdict Evaluate(std::span<const sock_filter> program, const Call& call);

// The instructions that Evaluate() executes, in order; the last one returns.
std::vector<uint32_t> PathOf(std::span<const sock_filter> program, const Call& call);

// How the kernel compares what stacked filters returned, smaller is stricter: the action's part as a signed
// number, also of values that no action has.
int32_t Rank(uint32_t return_value);

// What the kernel makes of several stacked filters, first installed first: the strictest action wins, among
// equals the one installed last.
Verdict EvaluateStacked(std::span<const Program> programs, const Data& data);
Verdict EvaluateStacked(std::span<const Program> programs, const Call& call);

}  // namespace whittle::filter
