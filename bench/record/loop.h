// What is measured: getppid in a tight loop, in a process of its own on one CPU.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace whittle::bench {

// Of the thread: what it computes itself, so that other load on the machine counts little. Of the wall: for
// tracers that stop it and let another process work.
enum class Clock { kThread, kWall };

// ns per call over `calls` calls of getppid by the syscall instruction, in this process.
double TimeCalls(uint64_t calls, Clock clock);

// A process that measures when it is asked to.
class Looper {
 public:
  Looper();
  ~Looper();
  Looper(const Looper&) = delete;
  pid_t pid() const { return pid_; }
  // The median of nine loops that together make `calls`, by the thread's own clock.
  double Measure(uint64_t calls);

 private:
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
};

}  // namespace whittle::bench
