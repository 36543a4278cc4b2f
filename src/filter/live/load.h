// Loading a filter into the own process by seccomp(2). Not thread safe: it acts on the calling thread.
#pragma once

#include "base/result.h"
#include "filter/program.h"

namespace whittle::filter {

// Loading needs one of the two: CAP_SYS_ADMIN in the thread's user namespace, or no_new_privs, which stays
// set and keeps set-user-id programs from gaining rights.
enum class NoNewPrivs { kSet, kLeave };

// Stacks the filter onto those that the calling thread has; later threads and programs inherit it. Only
// async-signal- safe calls are made after validation, so it may be called between fork and exec. Errors:
// kBadInput for a program that the kernel would not take, kNotPossible where rights or seccomp are missing.
Result<void> Load(const Program& program, NoNewPrivs no_new_privs);

}  // namespace whittle::filter
