// Patterns of bits in sets of values of one argument: "(v & 3) == 0". Pure; not thread safe: works in a store
// of diagrams of order kByWord.
#pragma once

#include <optional>
#include <vector>

#include "advise/values.h"
#include "prove/diagram.h"

namespace whittle::advise {

// The bits that all values of a set have alike, as a point under a mask; the mask is 0 if there are none. The
// set is not empty.
Span PatternOf(prove::Diagrams& diagrams, prove::Node set, int quantity);

// What a set in this pattern asks beside the pattern: the set is where both hold.
prove::Node Beside(prove::Diagrams& diagrams, prove::Node set, const Span& pattern);

// Patterns that may overlap, whose union is a set, if at most `most` are enough and are found in some hundred
// steps.
std::optional<std::vector<Span>> CoverOf(prove::Diagrams& diagrams, prove::Node set, int quantity,
                                         size_t most);

}  // namespace whittle::advise
