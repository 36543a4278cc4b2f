// Which calls reach an instruction of a filter: what random calls did not meet is asked of the prover's
// diagrams.
#pragma once

#include <optional>

#include "filter/program.h"

namespace whittle::oracle {

// Words of a call that executes the instruction; nothing if no call does. Costs a diagram of the program.
std::optional<filter::Data> DataReaching(const filter::Program& program, size_t instruction);

}  // namespace whittle::oracle
