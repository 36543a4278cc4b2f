// The facts of a report for scripts. Pure; thread safe. Documented in docs/generate.md.
#pragma once

#include "base/json.h"
#include "report/facts.h"

namespace whittle::report {

json::Value ReportJson(const Facts& facts);

}  // namespace whittle::report
