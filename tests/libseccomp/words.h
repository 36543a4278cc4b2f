// What the words of this project are to libseccomp (seccomp.h), for tests and benchmarks that ask it for its
// opinion. Thread safe, but for what is done with a context.
#pragma once

#include <seccomp.h>

#include <cstdint>
#include <optional>

#include "filter/program.h"
#include "profile/document.h"
#include "syscalls/abi.h"

namespace whittle::libseccomp {

// SCMP_ARCH_*, the little-endian one where there are two; 0 for an ABI that libseccomp 2.5.4 lacks.
uint32_t ArchOf(Abi abi);

scmp_arg_cmp Comparison(const profile::Condition& condition);

// The filter of a context, in the byte order of its architectures. Nothing if the library cannot export it.
std::optional<filter::Program> Export(void* context);

}  // namespace whittle::libseccomp
