// Two sides compared body by body, where they are too much as a whole: one call with dozens of interlocking
// conditions must not cost the answer about all others. Pure; not thread safe: one thread owns a store.
#pragma once

#include <optional>

#include "prove/side_by_side.h"

namespace whittle::prove {

// As PutSideBySide(), but in `differences`, and in what each side answers, kTrue stands where the budget was
// not enough. Nothing for filters that cannot be cut (dispatch.h). Both must be valid. Cost: what the bodies
// cost that can be decided, and a few times the budget for those that cannot.
std::optional<SideBySide> CompareCallByCall(const Side& first, const Side& second, size_t node_budget);

}  // namespace whittle::prove
