// How many instructions libseccomp makes of a meaning. The kernel refuses filters of more than 4096, so a
// document can be too large for a runtime although Whittle's own filter for it is not.
//
// An estimate: the order of its tests is that of 2.5.4's default layout, but jumps that are too far are not
// placed as it places them. A test holds it against the library: within a tenth, or 24 instructions, where
// calls have lists of values. runc's stub, some ten instructions an ABI, is not part of it. Pure; thread
// safe. Cost: that of a plain lowering.
#pragma once

#include <cstddef>

#include "filter/meaning.h"

namespace whittle::filter {

// `meaning` must be in state kFiltered.
size_t EstimateLibraryInstructions(const Meaning& meaning);

}  // namespace whittle::filter
