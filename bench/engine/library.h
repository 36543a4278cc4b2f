// The same rules given to libseccomp: what a runtime would install.
#pragma once

#include "base/result.h"
#include "filter/program.h"
#include "filter/runtime.h"

namespace whittle::bench {

// How libseccomp lays a filter out: SCMP_FLTATR_CTL_OPTIMIZE.
enum class Layout { kLinear = 1, kTree = 2 };
// Whether names are resolved in between, as a runtime does.
enum class Names { kResolved, kResolve };

// From seccomp_init to the program in memory; runc's stub is not part of it. Errors: kInternal if the library
// refuses something.
Result<filter::Program> BuildWithLibrary(const filter::RuntimeRules& rules, Layout layout, Names names);

}  // namespace whittle::bench
