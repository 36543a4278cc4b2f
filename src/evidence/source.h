// What is known of the sources of recordings: how each saw what it saw, and what that means for its reader.
// Pure; thread safe.
#pragma once

#include <string_view>

namespace whittle::evidence {

// A sentence about recordings of that source ("ebpf", "strace", "audit", ...); empty for one that needs
// none or is not known.
std::string_view SourceNote(std::string_view source);

}  // namespace whittle::evidence
