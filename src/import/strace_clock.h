// Turns what a trace says of time into wall-clock milliseconds; one that names no day begins in 1970. Not
// thread safe.
#pragma once

#include <algorithm>
#include <cstdint>

#include "import/strace_line.h"
#include "import/tally.h"

namespace whittle::import {

class StraceClock {
 public:
  // kUndated for a line without a time.
  int64_t Ms(const StraceLine& line) {
    constexpr int64_t kEndOfTimeUs = int64_t{UINT32_MAX} * 1'000'000;
    constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
    switch (line.clock) {
      case StraceLine::Clock::kNone:
        return kUndated;
      case StraceLine::Clock::kWall:
        return line.time_us / 1000;
      case StraceLine::Clock::kSinceLast:
        now_us_ = std::min(now_us_ + line.time_us, kEndOfTimeUs);
        break;
      case StraceLine::Clock::kDay:
        if (line.time_us + kDayUs / 2 < last_us_) day_us_ += kDayUs;
        last_us_ = line.time_us;
        now_us_ = day_us_ + line.time_us;
        break;
    }
    return now_us_ / 1000;
  }

 private:
  int64_t now_us_ = 0;
  int64_t last_us_ = 0;
  int64_t day_us_ = 0;
};

}  // namespace whittle::import
