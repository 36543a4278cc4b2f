// From a meaning to instructions.
//
// Idea: one decision graph. First the ABI, then the number by halving the ranges that the meaning tells
// apart (merge-ranges, balance-numbers), then, on the branch of that one call only, the words of its
// arguments (lower_arguments.h). Why it is right: ranges are split wherever the meaning may change, and every
// number of a range is resolved alike. What it costs: numbers take log2(ranges) jumps; arguments are loaded
// where they are needed, so the kernel's verdict cache still serves every call that needs none. Pure; thread
// safe.
#pragma once

#include "filter/lower_arguments.h"
#include "filter/meaning.h"
#include "filter/passes.h"
#include "filter/program.h"

namespace whittle::filter {

// The program of a meaning in state kFiltered; may be longer than the kernel takes.
Program Lower(const Meaning& meaning, PassSet passes, Halving halving = Halving::kQuick);

}  // namespace whittle::filter
