// When something holds, of calls of one number: a diagram over their arguments, as a short list of conditions
// that a person can read. What is listed is exact: it was turned back into a diagram and compared. Pure; not
// thread safe: works in a store of diagrams of order kByWord.
#pragma once

#include <cstdint>
#include <vector>

#include "advise/values.h"
#include "prove/diagram.h"

namespace whittle::advise {

struct Literal {
  int quantity = 0;
  Values values;
};
// All hold. By quantity; at most two of one.
using Clause = std::vector<Literal>;

struct Condition {
  std::vector<Clause> clauses;  // one of them holds; a clause without literals always does
  bool unless = false;          // none of them holds
  // What is listed is all there is: otherwise the condition holds in further cases (with `unless`: fails in
  // further cases).
  bool complete = true;

  bool always() const { return complete && !unless && clauses.size() == 1 && clauses.front().empty(); }
};

// `when` ends in true and false, asks arguments (or the instruction pointer) only, and is not false. A store
// that is exhausted gives an incomplete condition without clauses.
Condition ConditionOf(prove::Diagrams& diagrams, prove::Node when);

// The inverse; of an incomplete condition what is listed.
prove::Node NodeOf(prove::Diagrams& diagrams, const Condition& condition);

// True where `node` ends in `leaf`.
prove::Node WhereLeafIs(prove::Diagrams& diagrams, prove::Node node, prove::Node leaf);

}  // namespace whittle::advise
