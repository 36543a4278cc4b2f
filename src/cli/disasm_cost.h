// `whittle disasm --cost`: which calls the kernel serves from its cache, which run the filters.
#pragma once

#include <span>

#include "base/json.h"
#include "filter/program.h"
#include "profile/target.h"
#include "prove/outcomes.h"

namespace whittle::cli {

struct CostQuestion {
  std::span<const filter::Program> programs;
  std::span<const Abi> abis;
  profile::Version kernel;
  Abi native = Abi::kX86_64;
};

// One tab-separated line a call: ABI, call, "cached" or "runs-filter", instructions at most, how much of it
// passes. Those that are cached come first. A line for each ABI on standard error says how many.
void PrintCosts(const CostQuestion& question, const prove::Oracle& oracle);
json::Value CostsJson(const CostQuestion& question, const prove::Oracle& oracle);

}  // namespace whittle::cli
