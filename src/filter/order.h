// The order in which libseccomp asks the conditional rules of one call.
//
// It keeps them as a tree: each level tests one 32-bit half of one argument, and what follows if the test
// holds is a level of its own. A new rule joins the first equal test of a level, or is put before the first
// test that comes after it: higher arguments first, high halves before low ones, equalities before upper
// bounds before lower bounds, larger constants first (upper bounds: smaller first). Reading the tree from the
// front gives the flat order, since a test that fails goes on with the next one. Measured with 2.5.4. Pure;
// thread safe. Costs: linear in the rules.
#pragma once

#include <span>

#include "filter/library.h"

namespace whittle::filter {

// Where `rule` belongs among `rules`, which are in order. `narrow`: only low halves are compared.
size_t PlaceOf(const FlatRule& rule, std::span<const FlatRule> rules, bool narrow);

}  // namespace whittle::filter
