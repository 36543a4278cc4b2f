// The names that includes and excludes are compared with. A loader takes any text, and one that is no name
// there never holds. Pure; thread safe. Sources: libseccomp-golang's names of architectures,
// linux/capability.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profile/document.h"

namespace whittle::profile {

// "CAP_CHOWN" at 0, ...: the index is the bit of a mask of the kernel's.
std::span<const std::string_view> CapabilityNames();
// "amd64", "arm64", ...
std::span<const std::string_view> SelectorArches();

// One message for each entry that is no such name: "FILE:LINE:COLUMN: POINTER: ... did you mean"; after the
// first hundred, only how many there are.
std::vector<std::string> UnknownSelectors(const Document& document);

}  // namespace whittle::profile
