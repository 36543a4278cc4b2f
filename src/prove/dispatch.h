// A filter cut in two where it stops asking which call it is: first the dispatch, by architecture and number,
// then the body of each call. What is too much to decide of a filter as a whole can be decided body by body.
// Pure; thread safe.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "filter/program.h"

namespace whittle::prove {

struct Dispatch {
  filter::Program keys;                 // asks architecture and number only, and returns the index of a body
  std::vector<filter::Program> bodies;  // these ask neither; no two are the same instructions
};

bool SameInstructions(std::span<const sock_filter> a, std::span<const sock_filter> b);

// Programs must be as filter::Validate() wants them. Nothing for a filter that cannot be cut: it asks which
// call it is behind a question about arguments, or computes with both. Those of runtimes, libseccomp and ours
// can. Cost: linear in the program, and for each body in its instructions.
std::optional<Dispatch> DispatchOf(std::span<const sock_filter> program);

}  // namespace whittle::prove
