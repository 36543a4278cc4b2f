// Completeness as JSON: the derived member of the evidence file, and of `show --json`. Documented in
// docs/format-evidence.md. Pure; thread safe.
#pragma once

#include <string>

#include "base/json.h"
#include "evidence/completeness.h"

namespace whittle::evidence {

// Numbers are rounded to six decimals: the same evidence gives the same bytes on every machine.
json::Value CompletenessJson(const Evidence& evidence);

// Checks the shape of what CompletenessJson() makes, and no value: it is derived, and made anew whenever a
// file is written. Errors: kBadInput.
Result<void> CheckCompletenessJson(const json::Value& value, const std::string& file);

}  // namespace whittle::evidence
