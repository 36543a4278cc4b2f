// How sure it is that nothing is missing, in words: for `show`, `record` and the report. Pure; thread safe.
#pragma once

#include <string>

#include "evidence/completeness.h"
#include "evidence/evidence.h"

namespace whittle::report {

// "98.2 % (95 %: 94.1 to 100)".
std::string PercentText(const evidence::Estimate& share);

// "not seen yet: at least 3 calls (95 %; Chao2 estimates 6.2 or more)". There is no upper end.
std::string UnseenText(const evidence::Completeness& completeness);

// A block of lines: every estimate, and what was not exercised.
std::string CompletenessText(const evidence::Evidence& evidence);
// The phases alone: a line each; empty if all were exercised.
std::string PhasesText(const evidence::Evidence& evidence);

// For a line that is shown once a second: "coverage 98.2 % (95 %: 94.1 to 100) by 40 epochs"; empty if
// nothing can be said yet.
std::string LiveText(const evidence::Assessment& assessment);

}  // namespace whittle::report
