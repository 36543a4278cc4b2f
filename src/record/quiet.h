// When a recorder stops looking at calls for a while, because nothing new comes, and when it looks again; and
// what the evidence says of the time between. Pure: the caller tells the time. Not thread safe.
//
// While it is detached no call is seen, refused ones among them. Forks, execs, exits and cgroups are still
// followed: these cost nothing per call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/evidence.h"

namespace whittle::record {

enum class Wake {
  kExec,      // a watched task executed a program
  kSignal,    // a process sent a signal to a watched task
  kAudit,     // the kernel wrote a record of a watched task's call that a filter logged or refused
  kCgroup,    // a cgroup was made that may be a target's
  kTarget,    // the caller named a target
  kSchedule,  // it is time
};
std::string WakeText(Wake wake);  // "a watched process executed a program"

class Quiet {
 public:
  // Detached after `after_ms` without anything new (0: never), watching again after `every_ms` at the latest
  // (0: not by time alone). The same clock for all: milliseconds.
  Quiet(int64_t after_ms, int64_t every_ms, int64_t now_ms)
      : after_ms_(after_ms), every_ms_(every_ms), news_ms_(now_ms) {}

  bool watching() const { return !detached_since_; }
  // Something was seen for the first time.
  void News(int64_t now_ms) { news_ms_ = now_ms; }
  // It is time to detach. Not while a wake is younger than that.
  bool IsQuiet(int64_t now_ms) const { return after_ms_ > 0 && watching() && now_ms - news_ms_ >= after_ms_; }
  // It is time to watch again, by schedule.
  bool IsDue(int64_t now_ms) const;

  // `wall_ms`: what the evidence says.
  void Detached(int64_t now_ms, int64_t wall_ms);
  void Attached(int64_t now_ms, int64_t wall_ms);

  // "detached", with the times, up to now; nothing if it always watched.
  std::optional<evidence::Gap> GapOf(const std::string& recording, int64_t wall_ms) const;

 private:
  struct Interval {
    int64_t from_ms = 0;
    int64_t to_ms = 0;
  };

  int64_t after_ms_, every_ms_;
  int64_t news_ms_;
  std::optional<int64_t> detached_since_;
  int64_t detached_wall_ms_ = 0;
  std::vector<Interval> unwatched_;  // the first ones, wall clock
  int64_t total_ms_ = 0;             // of all
  uint64_t times_ = 0;
};

}  // namespace whittle::record
