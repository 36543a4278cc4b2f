// The rules of one call as a graph over the words of its arguments.
//
// Idea: ask the first open test of the first open rule and simplify all rules for both answers; equal rests
// are shared (share-rests). What an answer says of other tests of the word decides those too (imply-tests). A
// list of many equalities is halved by order first (halve-values). Why it is right: each step keeps "the
// first rule that holds decides", and a rest is replaced only by what the known answers imply. What it costs:
// rules that interlock can be many times their number, so there is a budget; beyond it, and without
// share-rests, one rule is asked after the other. Pure; not thread safe, since the graph grows.
#pragma once

#include "filter/graph.h"
#include "filter/meaning.h"
#include "filter/passes.h"

namespace whittle::filter {

// How often long lists of values are halved.
enum class Halving {
  kQuick,  // until a few are left: few steps for each call
  kShort,  // until many are left: hardly more than one instruction a value
};

// `resolution.rules` must not be null. `steps_left` bounds the work that the whole filter may take: looking
// at one rule once is a step. Where none are left, rules are asked one after the other, which needs none.
Graph::Id LowerArguments(Graph& graph, Abi abi, const Resolution& resolution, PassSet passes, Halving halving,
                         size_t& steps_left);

}  // namespace whittle::filter
