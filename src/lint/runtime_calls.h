// Whether a place's filter lets pass what the runtime itself calls before the program runs, with the
// arguments that the runtime gives it. Pure; thread safe.
#pragma once

#include <string_view>

#include "lint/subject.h"

namespace whittle::lint {

// kNever: it refuses a call that the runtime makes. kSometimes: it refuses the call with arguments of which
// nobody knows whether they are the runtime's.
Passes RuntimesCallPasses(const Place& place, Abi abi, std::string_view call);

}  // namespace whittle::lint
