// Whose call a filter refused where several threads die at once. With KILL_PROCESS, or by a SIGSYS that the
// program does not handle, all threads of a process die by SIGSYS: the call of one of them was refused, and
// shows it; the others were inside of calls that no filter refused, which look like the call of a thread that
// dies alone (KILL_THREAD). Memory: threads that died, until it is clear. Not thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "import/strace_processes.h"

namespace whittle::import {

class Bystanders {
 public:
  // `count` is given each call when its fate is known.
  explicit Bystanders(std::function<void(const TracedCall&)> count) : count_(std::move(count)) {}

  // A thread of the group died, and it is known why: its call shows that it was refused, or the signal was
  // sent.
  void Explained(uint32_t group);
  // A thread of the group died inside of `call`; without one: outside of any.
  void Died(uint32_t group, TracedCall call);
  // A thread of the group made a whole call: whoever died before died alone.
  void GoesOn(uint32_t group) {
    if (!unclear_.empty() || !explained_.empty()) MadeACall(group);
  }
  bool IsExplained(uint32_t group) const { return explained_.contains(group); }
  // A new process.
  void Begins(uint32_t group) { explained_.erase(group); }
  void End();

 private:
  void Settle(uint32_t group, evidence::Fate fate);
  void MadeACall(uint32_t group);

  std::function<void(const TracedCall&)> count_;
  std::set<uint32_t> explained_;
  std::vector<std::pair<uint32_t, TracedCall>> unclear_;  // by group
};

}  // namespace whittle::import
