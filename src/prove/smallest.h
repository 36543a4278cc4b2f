// Among all calls that end in one leaf of a diagram, the smallest. Pure; not thread safe.
#pragma once

#include <optional>

#include "filter/program.h"
#include "prove/diagram.h"

namespace whittle::prove {

// By architecture, number, then arguments in order, high halves (little-endian) first, the instruction
// pointer last; whatever the order is in which the diagram asks. `leaf` must be reached from `node`. A visit
// of a node is a step: what is taken is subtracted from `steps_left`; nothing is returned if these are not
// enough.
std::optional<filter::Data> SmallestCall(const Diagrams& diagrams, Node node, Node leaf, size_t& steps_left);

}  // namespace whittle::prove
