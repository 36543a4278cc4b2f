// Wall-clock moments as text and numbers. Thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace whittle {

// Milliseconds since 1970-01-01 UTC.
int64_t WallClockMs();
// Milliseconds that only ever grow (CLOCK_MONOTONIC), for measuring spans.
int64_t MonotonicMs();
// "2026-11-25T07:50:26.123Z".
std::string TimeText(int64_t wall_clock_ms);
// The inverse, of any RFC 3339 time ("...T07:50:26.134605419+01:00"). Nothing if it is none, or before 1970.
std::optional<int64_t> ParseTimeText(std::string_view text);

}  // namespace whittle
