// From a meaning to instructions.
//
// Idea: one decision graph. First the ABI, then the number by halving the ranges that the meaning tells
// apart, then, on the branch of that one call only, the words of its arguments. The rules of a call become a
// graph by asking the first open test of the first open rule and simplifying all rules for both answers;
// equal rests are shared. A list of many equalities is halved by order first. Why it is right: each step
// keeps "the first rule that holds decides", and a rest is replaced only by what the known answers imply.
// What it costs: numbers take log2(ranges) jumps; arguments are loaded where they are needed, so the kernel's
// verdict cache still serves every call that needs none. Pure; thread safe.
#pragma once

#include "filter/meaning.h"
#include "filter/program.h"

namespace whittle::filter {

// The program of a meaning in state kFiltered; may be longer than the kernel takes.
Program Lower(const Meaning& meaning);

}  // namespace whittle::filter
