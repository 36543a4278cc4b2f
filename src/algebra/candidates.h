// Ways to write a call's rules that may have the wanted meaning: first as a person wrote them in the parts.
// Which of them has it is for others to prove. Pure; thread safe.
#pragma once

#include <vector>

#include "algebra/cubes.h"
#include "filter/library.h"

namespace whittle::algebra {

// `rules`: of each part, in order, for one call. What a default of `otherwise` says is left out.
std::vector<std::vector<Body>> Candidates(const std::vector<std::vector<filter::FlatRule>>& rules,
                                          const Answer& otherwise);

}  // namespace whittle::algebra
