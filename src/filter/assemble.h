// From a decision graph to instructions.
//
// The assembler writes the program backwards, so every target of a jump is already in place and its distance
// known. Jumps of a test reach 255 instructions; where a target is further away, a copy of the return, or a
// long jump, is put in between. Passes: reuse-loads, test-bits. Cost: linear in the graph. Pure; thread safe
// (values).
#pragma once

#include "filter/graph.h"
#include "filter/passes.h"
#include "filter/program.h"

namespace whittle::filter {

// The program that follows the graph from `root`. Not checked for length.
Program Assemble(const Graph& graph, Graph::Id root, PassSet passes);

}  // namespace whittle::filter
