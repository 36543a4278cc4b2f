// YAML documents as the values of base/json.h, with their positions: what Kubernetes' files are, which is
// JSON's data in another spelling. libyaml reads the text; this builds values from its events, so that a
// document's size is bounded before it costs memory: an alias counts as all that it stands for. Pure; thread
// safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace whittle::yaml {

// The documents of a text ("---" between them). Plain scalars are null, booleans and numbers as YAML 1.2's
// core schema has them; what is quoted is a string. Errors: kBadInput, "NAME:LINE:COLUMN: what": broken YAML,
// names that are no scalars or given twice, more than the limits. Merge keys (<<) are merged, as Kubernetes'
// reader does.
Result<std::vector<json::Value>> Parse(std::string_view text, const std::string& name,
                                       const json::Limits& limits = {size_t{16} << 20, 64, 200'000});

}  // namespace whittle::yaml
