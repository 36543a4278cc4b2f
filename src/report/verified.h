// What `whittle verify` found, for people and for scripts. Pure; thread safe. Names come from workloads: made
// printable.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "optimize/verify.h"
#include "profile/target.h"

namespace whittle::report {

// A table of what would be refused, and one line of summary. `profile` is the name of the profile or the
// filters; `target` is null for filters as they are.
std::string VerificationText(const optimize::Verification& verification, const std::string& profile,
                             const profile::Target* target);
json::Value VerificationJson(const optimize::Verification& verification, const std::string& profile,
                             const profile::Target* target);

// Who made which call, and what the filter answers.
json::Value FindingJson(const optimize::Finding& finding);

std::string_view StateName(filter::Compiled::State state);  // "filtered", "unconfined", "refused"

}  // namespace whittle::report
