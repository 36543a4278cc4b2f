// From registers and a copied stack to frames. Reads files of the workload, which are hostile: see resolve.h
// for how that is kept apart. Not thread safe.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/fd.h"
#include "symbols/dw.h"
#include "symbols/files.h"
#include "symbols/stack.h"

namespace whittle::symbols {

inline constexpr size_t kMostFrames = 128;

// By .eh_frame and .debug_frame, by frame pointers where these are missing; names from symbol tables and,
// also where they were split off, from debug information. Frames that no file tells of have module and
// offset, or the address alone. At least the innermost frame.
std::vector<Frame> Unwind(const Dw& dw, const Sample& sample, OpenFiles files);

// Without files: the saved frame pointers that lie on the copied stack, each farther out than the one before.
std::vector<uint64_t> FramePointerChain(const Sample& sample);

// The frame of an address as far as the mappings alone tell.
Frame PlaceOf(const Sample& sample, uint64_t address);

// What has to be added to the addresses that an ELF file was linked for to come to those of the process;
// nothing if it is no ELF file, or the mapping is not of its code.
std::optional<uint64_t> LoadBias(int file, const Module& module);

}  // namespace whittle::symbols
