// What the registers of a call tell of it, for formats that have them. Pure; thread safe.
#pragma once

#include <cstdint>
#include <span>

#include "evidence/evidence.h"

namespace whittle::import {

// Whether evidence keeps anything of this call's registers. Cheap.
bool KeepsRegisters(Abi abi, uint32_t number);

// Into the flags of a clone, or the arguments; nothing where too few registers are given.
void TakeRegisters(std::span<const uint64_t> registers, evidence::CallKey& call,
                   evidence::Arguments& arguments);

}  // namespace whittle::import
