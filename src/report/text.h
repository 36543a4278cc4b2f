// A report as plain text, for terminals and logs. Pure; thread safe. No colour, no control characters.
#pragma once

#include <string>

#include "report/facts.h"

namespace whittle::report {

std::string ReportText(const Facts& facts);

}  // namespace whittle::report
