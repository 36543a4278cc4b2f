// The last step of composing: what the finished document does on a host is proven, whatever way it was found.
// Pure; thread safe.
#pragma once

#include <vector>

#include "algebra/compose.h"
#include "algebra/ideal.h"

namespace whittle::algebra {

// Whose calls are looked at: with several hosts a document also speaks of architectures that this one's
// kernel does not serve.
enum class Scope : uint8_t { kEveryCall, kOwnAbis };

// Compares the document with the parts' pointwise answers for every call. Errors: kNotPossible where it is
// off on the wrong side, is not taken, or cannot be compared.
Result<std::vector<Deviation>> ProveOn(const Ideal& ideal, Operation operation,
                                       const profile::Document& document, Scope scope);

// "what they come to would not be taken by ..."
Error NotTaken(const profile::Target& target, const std::string& why);

}  // namespace whittle::algebra
