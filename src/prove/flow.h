// What single instructions of a filter do with the cells that it works on (both registers and the scratch
// memory), and where control goes. Pure; thread safe. Programs must be as filter::Validate() wants them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "filter/program.h"

namespace whittle::prove {

// Scratch memory comes first, then the registers.
inline constexpr size_t kA = BPF_MEMWORDS;
inline constexpr size_t kX = BPF_MEMWORDS + 1;
inline constexpr size_t kCells = BPF_MEMWORDS + 2;
using CellSet = uint32_t;  // a bit for each cell

// The cell that an instruction writes, if any.
std::optional<size_t> WrittenBy(const sock_filter& in);

// Which cells still matter before each instruction.
std::vector<CellSet> LiveCells(std::span<const sock_filter> program);

// True for a load of a word of the call; the word is in.k / 4.
bool LoadsWord(const sock_filter& in);

bool IsReturn(const sock_filter& in);

// True for a jump that asks something.
bool IsBranch(const sock_filter& in);

// Where control may go from an instruction that is no return: twice the same where there is no choice.
struct Next {
  size_t yes;
  size_t no;
};
Next NextOf(size_t at, const sock_filter& in);

}  // namespace whittle::prove
