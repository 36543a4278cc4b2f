// What is compared: each arm puts its tracer on the looper, measures, and takes it away again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "loop.h"

namespace whittle::bench {

struct Arm {
  std::string name;
  std::string what;
  double goal = 0;  // as a ratio to the empty program; 0: none
  // ns per call. Errors: kNotPossible if the tool is not there.
  std::function<Result<double>(Looper& looper, uint64_t calls)> measure;
};

// The first is no tracer, the second the empty program, which the ratios are to.
std::vector<Arm> Arms();

}  // namespace whittle::bench
