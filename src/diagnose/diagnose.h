// Why a container does not work: facts in, ranked causes out. Pure; thread safe. How it is found out:
// docs/why.md.
#pragma once

#include "base/result.h"
#include "diagnose/cause.h"
#include "diagnose/facts.h"

namespace whittle::diagnose {

// The likeliest cause first; none if nothing is wrong, or if nothing tells. Errors: kInternal.
Result<Diagnosis> Diagnose(const Facts& facts);

}  // namespace whittle::diagnose
