// What `whittle recommend` found, for people and for scripts. Pure; thread safe. Names come from workloads:
// the text makes them printable.
#pragma once

#include <string>

#include "advise/recommend.h"
#include "base/json.h"
#include "profile/target.h"

namespace whittle::report {

std::string RecommendationText(const advise::Recommendation& recommendation, const profile::Target& target);
// docs/recommend.md has the members.
json::Value RecommendationJson(const advise::Recommendation& recommendation, const profile::Target& target);

}  // namespace whittle::report
