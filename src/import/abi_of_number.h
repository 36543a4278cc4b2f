// Sources that tell calls by number do not tell x32 from x86-64: bit 30 of the number does.
#pragma once

#include <cstdint>

#include "syscalls/abi.h"

namespace whittle::import {

// Negative numbers, with which tracers skip calls, are not x32's.
constexpr bool IsX32(uint32_t number) { return number >> 30 == 1; }

// The ABI of a call that a source says to be of `abi`.
constexpr Abi AbiOfNumber(Abi abi, uint32_t number) {
  return abi == Abi::kX86_64 && IsX32(number) ? Abi::kX32 : abi;
}

}  // namespace whittle::import
