// An inspection as one JSON document (docs/inspect.md). Pure; thread safe.
#pragma once

#include "base/json.h"
#include "inspect/inspection.h"

namespace whittle::inspect {

json::Value InspectionJson(const Inspection& inspection);

// {"possible": [{"verdict", "filter", "steps", "example"}], "decided_by", "more", "decided"}: shared with
// `whittle disasm`.
json::Value OutcomesJson(const prove::Outcomes& outcomes);

}  // namespace whittle::inspect
