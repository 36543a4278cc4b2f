#include "loop.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "statistics.h"

namespace whittle::bench {
namespace {

constexpr int kLoops = 9;

struct Order {
  uint64_t calls = 0;
  LoopedCall call;
};

double MedianOfLoops(const Order& order) {
  std::vector<double> times;
  for (int i = 0; i < kLoops; i++)
    times.push_back(TimeCalls(order.calls / kLoops + 1, order.call, Clock::kThread));
  return Median(std::move(times));
}

[[noreturn]] void Serve(int orders, int times) {
  Order order;
  while (read(orders, &order, sizeof(order)) == sizeof(order)) {
    const double time = MedianOfLoops(order);
    if (write(times, &time, sizeof(time)) != sizeof(time)) break;
  }
  _exit(0);
}

}  // namespace

double TimeCalls(uint64_t calls, const LoopedCall& call, Clock clock) {
  const auto& arguments = call.arguments;
  const double begin = Now(clock);
  for (uint64_t i = 0; i < calls; i++) {
    long result = call.number;
    register long fourth __asm__("r10") = arguments[3];
    register long fifth __asm__("r8") = arguments[4];
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]), "r"(fourth), "r"(fifth)
                     : "rcx", "r11", "memory");
  }
  return (Now(clock) - begin) / static_cast<double>(calls);
}

Looper::Looper(const std::function<Result<void>()>& prepare) {
  int to[2], from[2];
  if (pipe(to) != 0 || pipe(from) != 0) return;
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(to[1]);
    PinToLastCpu();
    if (prepare) {
      if (const auto done = prepare(); !done) {
        fmt::print(stderr, "{}\n", done.error().message);
        _exit(1);
      }
    }
    Serve(to[0], from[1]);
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

Result<double> Looper::Measure(uint64_t calls, const LoopedCall& call) {
  const Order order{calls, call};
  double time = 0;
  if (write(to_, &order, sizeof(order)) == sizeof(order) && read(from_, &time, sizeof(time)) == sizeof(time))
    return time;
  return Fail(ErrorCode::kNotPossible, "the process that measures has ended");
}

}  // namespace whittle::bench
