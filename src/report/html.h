// A report as one HTML page that loads nothing and runs nothing: style inside, no script, light and dark.
// Pure; thread safe. All text is escaped; what stands in it cannot become markup.
#pragma once

#include <string>
#include <string_view>

#include "report/facts.h"

namespace whittle::report {

std::string ReportHtml(const Facts& facts);

// Printable, and safe between tags and inside quoted attributes.
std::string EscapeHtml(std::string_view text);

}  // namespace whittle::report
