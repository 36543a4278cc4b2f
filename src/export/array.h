// What the forms of a compiled filter have in common. Pure; thread safe.
#pragma once

#include <string>
#include <vector>

#include "export/export.h"

namespace whittle::exporting {

// What no array of instructions can hold.
std::vector<std::string> LostOfArrays(const Source& source);

}  // namespace whittle::exporting
