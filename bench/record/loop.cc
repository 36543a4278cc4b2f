#include "loop.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vector>

#include "statistics.h"

namespace whittle::bench {
namespace {

constexpr long kGetppid = 110;

void PinToLastCpu() {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(sysconf(_SC_NPROCESSORS_ONLN) - 1), &set);
  sched_setaffinity(0, sizeof(set), &set);
}

double Now(Clock clock) {
  timespec now{};
  clock_gettime(clock == Clock::kThread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

}  // namespace

double TimeCalls(uint64_t calls, Clock clock) {
  const double begin = Now(clock);
  for (uint64_t i = 0; i < calls; i++) {
    long result = kGetppid;
    __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
  }
  return (Now(clock) - begin) / static_cast<double>(calls);
}

Looper::Looper() {
  int to[2], from[2];
  if (pipe(to) != 0 || pipe(from) != 0) return;
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(to[1]);
    PinToLastCpu();
    uint64_t calls = 0;
    while (read(to[0], &calls, sizeof(calls)) == sizeof(calls)) {
      std::vector<double> times;
      for (int i = 0; i < 9; i++) times.push_back(TimeCalls(calls / 9 + 1, Clock::kThread));
      const double time = Median(std::move(times));
      if (write(from[1], &time, sizeof(time)) != sizeof(time)) break;
    }
    _exit(0);
  }
  close(to[0]);
  close(from[1]);
  to_ = to[1];
  from_ = from[0];
}

Looper::~Looper() {
  close(to_);
  close(from_);
  kill(pid_, SIGKILL);  // a sibling may hold the other end of its pipe
  waitpid(pid_, nullptr, 0);
}

double Looper::Measure(uint64_t calls) {
  double time = 0;
  if (write(to_, &calls, sizeof(calls)) != sizeof(calls)) return 0;
  return read(from_, &time, sizeof(time)) == sizeof(time) ? time : 0;
}

}  // namespace whittle::bench
