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

// A word of includes or excludes that is no such name.
struct UnknownSelector {
  size_t rule = 0;
  std::string place;    // in the rule: "includes/arches/1"
  std::string message;  // "loaders call no machine 'x86_64', did you mean 'amd64'?: it selects nobody"
};
// The first so many, and how many there are in all.
struct UnknownSelectors {
  std::vector<UnknownSelector> found;
  size_t count = 0;
};
UnknownSelectors FindUnknownSelectors(const Document& document, size_t most);

// One message for each: "FILE:LINE:COLUMN: POINTER: ..."; after the first hundred, only how many there are.
std::vector<std::string> UnknownSelectorTexts(const Document& document);

}  // namespace whittle::profile
