// What a file that is no profile most likely is, in words for the person who passed it. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace whittle::profile {

// Of a text that is no JSON: what it is instead, if it looks like the name of a file; else empty.
std::string NotJsonText(std::string_view text);

// Of JSON that is not an object of this kind: a list of rules, a string, another document of Whittle's. Empty
// if it may be a profile.
std::string NotAProfileText(const json::Value& root);

// Where a whole Kubernetes object, a container configuration or the like was given: "spec", "linux.seccomp",
// the members that lead to the profile inside it; empty if there is none.
std::string InnerProfile(const json::Value& root);

}  // namespace whittle::profile
