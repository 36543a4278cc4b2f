// Calls that a recording can miss though the workload may make them at any moment: generated profiles allow
// them. Pure; thread safe. Source: data/essentials.csv.
#pragma once

#include <span>
#include <string_view>

namespace whittle::optimize {

struct Essential {
  std::string_view seen;  // the call that it belongs to, or kAnyProgram
  std::string_view call;
  std::string_view abis;     // "all", "32", "64", or names with blanks between (AbisInclude)
  std::string_view because;  // "a thread ends with it"
};
inline constexpr std::string_view kAnyProgram = "any";
std::span<const Essential> Essentials();

}  // namespace whittle::optimize
