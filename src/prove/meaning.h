// What a filter answers to every call, as a decision diagram whose leaves are what the filter returns. Pure;
// not thread safe.
#pragma once

#include <span>

#include "filter/program.h"
#include "prove/diagram.h"

namespace whittle::prove {

// Every instruction that the kernel takes is understood. Programs must be as filter::Validate() wants them.
// If the store is exhausted afterwards, the result means nothing.
Node MeaningOf(Diagrams& diagrams, std::span<const sock_filter> program);

// Of stacked filters, first installed first. No filter allows everything.
Node MeaningOf(Diagrams& diagrams, std::span<const filter::Program> programs);

}  // namespace whittle::prove
