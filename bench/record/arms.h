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
  double goal = 0;  // as a ratio to `base`; 0: none
  // ns per call. Errors: kNotPossible if the tool is not there.
  std::function<Result<double>(Looper& looper, uint64_t calls)> measure;
  std::string base = "empty";  // the arm that the ratio is to
  // Whether the looper is under a filter that looks at an argument of its call.
  enum class Loop { kPlain, kFiltered } loop = Loop::kPlain;
};

// Puts the calling process under a filter that looks at an argument of getppid, and allows it.
Result<void> FilterTheLoop();

// The first is no tracer, the second the empty program, which most ratios are to.
std::vector<Arm> Arms();

}  // namespace whittle::bench
