#include "container/foreground.h"

#include <atomic>

namespace whittle::container {
namespace {

std::atomic<pid_t> current_child = 0;

void PassOn(int number, siginfo_t* info, void*) {
  const pid_t child = current_child.load();
  // A positive code is the kernel's: the terminal's keys, which the child gets itself.
  if (child > 0 && info->si_code <= 0) ::kill(child, number);
}

}  // namespace

Foreground::Foreground(pid_t child) {
  current_child = child;
  struct sigaction action{};
  action.sa_sigaction = &PassOn;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  for (size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &action, &former_[i]);
}

Foreground::~Foreground() {
  for (size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &former_[i], nullptr);
  current_child = 0;
}

}  // namespace whittle::container
