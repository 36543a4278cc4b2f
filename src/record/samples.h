// The kernel side's copy of a thread's registers, stack and modules, as symbols/ takes it. Pure; thread safe.
#pragma once

#include "shared.h"
#include "symbols/stack.h"

namespace whittle::record {

symbols::Sample SampleOf(const whittle_sample& sample);

}  // namespace whittle::record
