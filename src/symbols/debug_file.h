// Debug information that was split off a file, where distributions put it: by build id, or by the file's own
// link. Looked for below the process' root only; nothing is fetched. Thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/fd.h"
#include "symbols/dw.h"

namespace whittle::symbols {

// What a file says of where its debug information is.
struct DebugLink {
  std::string file;  // its own path
  std::string link;  // .gnu_debuglink; empty: none
  uint32_t crc = 0;  // of the file that the link means
};

// Where such a file may be, likeliest first: "/usr/lib/debug/.build-id/ab/cdef.debug", ...
std::vector<std::string> DebugFilePaths(std::span<const unsigned char> build_id, const DebugLink& link);

// One of them that belongs to the file: of the same build id, or of the link's checksum. Invalid if there is
// none.
Fd OpenDebugFile(const Dw& dw, int root, std::span<const unsigned char> build_id, const DebugLink& link);

// The CRC-32 of .gnu_debuglink, over the whole file; nothing if it cannot be read.
std::optional<uint32_t> FileChecksum(int file);

}  // namespace whittle::symbols
