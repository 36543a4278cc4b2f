// How tests ask about a manifest, in the words of the command line: "--pod-security restricted
// --kubernetes-version 1.24". Files are given by what is in them, with "," between lines: "--node-files
// profiles/web.json,app", "--pods ns/web:node-a:Running".
#pragma once

#include <string_view>

#include "lint/lint.h"

namespace whittle::lint {

Options Asked(std::string_view words);

}  // namespace whittle::lint
