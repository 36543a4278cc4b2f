#include "base/time.h"

#include <fmt/core.h>

#include <ctime>

#include "base/text.h"

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

namespace {

// ".134605419" off the front, in milliseconds.
int64_t TakeFraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  int64_t ms = 0;
  size_t digits = 0;
  for (text.remove_prefix(1); !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1)) {
    if (digits < 3) ms = ms * 10 + (text[0] - '0');
    ++digits;
  }
  for (; digits < 3; ++digits) ms *= 10;
  return ms;
}

// "Z", "+01:00": seconds east of UTC.
std::optional<int64_t> ZoneSeconds(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = ParseUnsigned(text.substr(1, 2));
  const auto minutes = ParseUnsigned(text.substr(4, 2));
  if (!hours || !minutes) return std::nullopt;
  const auto seconds = static_cast<int64_t>(*hours * 3600 + *minutes * 60);
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::optional<int64_t> ParseTimeText(std::string_view text) {
  constexpr size_t kWhole = 19;  // "2026-11-25T07:50:26"
  if (text.size() <= kWhole) return std::nullopt;
  tm parts = {};
  const std::string whole(text.substr(0, kWhole));
  const char* end = ::strptime(whole.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  std::string_view rest = text.substr(kWhole);
  const int64_t ms = TakeFraction(rest);
  const auto zone = ZoneSeconds(rest);
  if (!zone) return std::nullopt;
  const int64_t seconds = int64_t{::timegm(&parts)} - *zone;
  if (seconds < 0) return std::nullopt;
  return seconds * 1000 + ms;
}

}  // namespace whittle
