// Of which calls it is not known whether two sides differ. Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "prove/side_by_side.h"
#include "syscalls/abi.h"

namespace whittle::prove {

// Calls that are numbered one after the other. Too many conditions on several arguments or arithmetic
// on whole words.
struct Undecided {
  std::optional<Abi> abi;  // nothing: of any architecture that is not told apart
  uint32_t from = 0;       // as in seccomp_data.nr
  uint32_t to = UINT32_MAX;
};

// By ABI and number, other architectures last. All of them, of sides that are not decided.
std::vector<Undecided> UndecidedOf(const SideBySide& sides, std::span<const Abi> abis);

// "x86_64 bpf", "x86_64 #500 to #512", "x86_64 every call", "every other architecture".
std::string UndecidedText(const Undecided& undecided);

}  // namespace whittle::prove
