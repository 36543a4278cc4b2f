// Calls that meet a document: the numbers that it names and their neighbours on every ABI, arguments that
// satisfy its conditions or miss them by one bit or by one, and what the compiled filter itself compares
// with. Pure; thread safe.
#pragma once

#include <vector>

#include "filter/program.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::oracle {

// The same calls for the same values. `program` may be empty.
std::vector<filter::Call> CallsNear(const profile::Document& document, const profile::Target& target,
                                    const filter::Program& program, uint64_t seed, size_t count);

// The call that a filter sees as these words; its `abi` is the one of the architecture word (x32 by bit 30).
// Nothing if no ABI has that architecture.
std::optional<filter::Call> CallOf(const filter::Data& data);

}  // namespace whittle::oracle
