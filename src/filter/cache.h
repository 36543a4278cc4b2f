// What the kernel knows of a call before it runs a filter.
//
// From 5.11 on it follows every filter once, when it is installed, for each number of its native and its
// compat ABI, knowing nothing but number and architecture. Calls that come out as ALLOW that way are noted in
// a bitmap, and no filter runs for them any more (kernel/seccomp.c, seccomp_is_const_allow). Whatever else
// the filter answers, it runs at every call. So a filter should look at arguments on the branches of those
// calls only whose answer depends on them. Pure; thread safe.
#pragma once

#include <cstdint>
#include <span>

#include "filter/program.h"
#include "profile/target.h"

namespace whittle::filter {

// How far a program can be followed if only the architecture and the number of a call are known.
struct KnownWay {
  uint32_t at = 0;           // the instruction that it ends at: a return, or the first that needs more
  uint32_t accumulator = 0;  // in front of it; nothing else was written
  uint32_t steps = 0;        // instructions in front of it
  bool constant = false;     // `at` returns a constant: the answer to all calls of that number
};
// As the kernel does: loads of number and architecture, jumps on a comparison with a constant, AND with a
// constant, returns of a constant. `program` must be as Validate() wants it.
KnownWay FollowKnown(std::span<const sock_filter> program, uint32_t architecture, uint32_t number);

// True if the kernel finds that the filters, stacked, allow the call whatever its arguments.
bool IsConstantAllow(std::span<const Program> programs, Abi abi, uint32_t number);

// True if a kernel keeps the bitmap for calls of that ABI: 5.11 and later, for its native ABI and one compat
// ABI. x32 is not among them, nor is anything on MIPS.
bool HasVerdictCache(const profile::Version& kernel, Abi native, Abi abi);

}  // namespace whittle::filter
