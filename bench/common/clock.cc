#include "clock.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

namespace whittle::bench {

double Now(Clock clock) {
  timespec now{};
  clock_gettime(clock == Clock::kThread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void PinToLastCpu() {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(sysconf(_SC_NPROCESSORS_ONLN) - 1), &set);
  sched_setaffinity(0, sizeof(set), &set);
}

}  // namespace whittle::bench
