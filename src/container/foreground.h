// While another program runs in our place, the signals meant for it reach it: what the terminal sends goes to
// the whole foreground group anyway, what others send to us is passed on. One at a time in a process.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <array>

namespace whittle::container {

class Foreground {
 public:
  explicit Foreground(pid_t child);
  ~Foreground();  // restores the signals' former meaning
  Foreground(const Foreground&) = delete;
  Foreground& operator=(const Foreground&) = delete;

 private:
  static constexpr std::array kSignals = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
  std::array<struct sigaction, kSignals.size()> former_{};
};

}  // namespace whittle::container
