// The benchmarks of the engine, one file each; engine_bench.cc is their table.
#pragma once

#include <string>

#include "base/result.h"
#include "report.h"

namespace whittle::bench {

struct Settings {
  size_t rounds = 31;
  double scale = 1;  // of the work in a round
  std::string whittle;
  Format format = Format::kText;
};

// Each prints a table. False: a goal is missed. Errors: what it needs is not there.
Result<bool> BenchCompile(const Settings& settings);
Result<bool> BenchKernel(const Settings& settings);
Result<bool> BenchVerdicts(const Settings& settings);
Result<bool> BenchDiff(const Settings& settings);
Result<bool> BenchStart(const Settings& settings);

}  // namespace whittle::bench
