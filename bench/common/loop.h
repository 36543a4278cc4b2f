// System calls in a tight loop, in a process of its own on one CPU. x86-64.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>

#include "base/result.h"
#include "clock.h"

namespace whittle::bench {

struct LoopedCall {
  long number = 110;  // getppid
  std::array<long, 5> arguments{};
};

// ns per call over `calls` calls by the syscall instruction, in this process.
double TimeCalls(uint64_t calls, const LoopedCall& call, Clock clock);

// A process that measures when it is asked to.
class Looper {
 public:
  // `prepare` runs in the process before anything is measured; what it returns is what every Measure() fails
  // with.
  explicit Looper(const std::function<Result<void>()>& prepare = {});
  ~Looper();
  Looper(const Looper&) = delete;
  pid_t pid() const { return pid_; }
  // The median of nine loops that together make `calls`, by the thread's own clock. Errors: kNotPossible.
  Result<double> Measure(uint64_t calls, const LoopedCall& call = {});

 private:
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
};

}  // namespace whittle::bench
