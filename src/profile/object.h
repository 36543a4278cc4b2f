// Profiles that stand in a SeccompProfile object of the Security Profiles Operator, as `convert --to spo` and
// `kubectl get -o yaml` write them. No engine takes such a file as a profile, so who reads what an engine was
// given reads with profile/document.h alone. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>

#include "profile/document.h"

namespace whittle::profile {

// A SeccompProfile object, by its kind.
bool IsSeccompProfile(const json::Value& root);

// A spec without the members that are the operator's own, and without what the API server drops
// (defaultErrnoRet): what is written to the nodes, unless it adds to another profile.
json::Value ProfileOfSpec(const json::Value& spec);
// The name of the profile that it adds to, or "".
std::string_view BaseOfSpec(const json::Value& spec);

// As Read(), and where the text is a SeccompProfile object, in YAML or JSON, what its `spec` says. Errors:
// kBadInput also for an object that adds to another profile or has a default errno, and for several objects in
// one file.
Result<Document> ReadWithObjects(std::string_view text, const std::string& file,
                                 Reading reading = Reading::kStrict);

}  // namespace whittle::profile
