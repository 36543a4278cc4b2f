// What `whittle recommend` found, for people and for scripts. Pure; thread safe. Names come from workloads:
// the text makes them printable.
#pragma once

#include <string>

#include "advise/recommend.h"
#include "base/json.h"
#include "profile/target.h"

namespace whittle::report {

// One line a container.
std::string RecommendedSummary(const advise::Recommendations& made, const profile::Target& target);
// What stands behind it: a paragraph a container, an empty line before each.
std::string RecommendedDetails(const advise::Recommendations& made, const profile::Target& target);
// docs/recommend.md has the members.
json::Value RecommendedJson(const advise::Recommendations& made, const profile::Target& target);

}  // namespace whittle::report
