#include "base/time.h"

#include <fmt/core.h>

#include <ctime>

namespace whittle {
namespace {

int64_t Milliseconds(clockid_t clock) {
  timespec now = {};
  ::clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

int64_t WallClockMs() { return Milliseconds(CLOCK_REALTIME); }
int64_t MonotonicMs() { return Milliseconds(CLOCK_MONOTONIC); }

std::string TimeText(int64_t wall_clock_ms) {
  const time_t seconds = wall_clock_ms / 1000;
  tm parts = {};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, wall_clock_ms % 1000);
}

}  // namespace whittle
