// What `whittle generate` did, for people: counts, what each level cost, what is doubtful. Pure; thread safe.
#pragma once

#include <string>

#include "optimize/generate.h"

namespace whittle::report {

std::string GeneratedText(const optimize::Generated& generated);
// What was not allowed though it may be needed elsewhere: "open -> openat (not observed; ...)", a line a
// call.
std::string SuggestionsText(const optimize::Generated& generated);

}  // namespace whittle::report
