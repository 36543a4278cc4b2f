// The profiles that docker and podman were ever built with, by their content: who passes one around means
// that loader. It says what is meant, not that a file can be trusted. Pure; thread safe. Source:
// data/known_defaults.csv.
#pragma once

#include <optional>

#include "base/json.h"
#include "profile/target.h"

namespace whittle::profile {

// Whose default it is, in whichever version and white space; nothing for what is none, or was changed.
std::optional<Loader> DefaultOf(const json::Value& root);

}  // namespace whittle::profile
