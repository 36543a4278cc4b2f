#include "import/audit_serials.h"

#include <algorithm>
#include <iterator>

namespace whittle::import {
namespace {

// Records are written a little out of order.
constexpr int64_t kSlackMs = 10'000;
constexpr size_t kMaxBoots = 4096;  // more are a hostile log, whose numbers then share the last one

}  // namespace

// Numbers and times of one boot rise together: a number beyond its highest one must be as late, one below its
// lowest as early, and one within must lie within its times.
Serials::Boot& Serials::BootOf(std::string_view node, int64_t ms, uint64_t serial) {
  for (auto& boot : boots_) {
    if (boot.node != node) continue;
    const bool not_before = serial < boot.lowest() || ms >= boot.first_ms - kSlackMs;
    const bool not_after = serial > boot.highest() || ms <= boot.last_ms + kSlackMs;
    const bool beyond_is_late = serial <= boot.highest() || ms >= boot.last_ms - kSlackMs;
    const bool below_is_early = serial >= boot.lowest() || ms <= boot.first_ms + kSlackMs;
    if (not_before && not_after && beyond_is_late && below_is_early) return boot;
  }
  if (boots_.size() < kMaxBoots) boots_.push_back({std::string(node), ms, ms, {}});
  return boots_.back();
}

Serials::Seen Serials::AddTo(Boot& boot, uint64_t serial) {
  auto after = boot.ranges.upper_bound(serial);
  auto before = after == boot.ranges.begin() ? boot.ranges.end() : std::prev(after);
  if (before != boot.ranges.end() && serial <= before->second) return Seen::kAgain;
  const bool joins_before = before != boot.ranges.end() && before->second + 1 == serial;
  const bool joins_after = after != boot.ranges.end() && after->first == serial + 1;
  const uint64_t last = joins_after ? after->second : serial;
  if (joins_after) boot.ranges.erase(after);
  if (joins_before) {
    before->second = last;
  } else {
    boot.ranges[serial] = last;
  }
  ranges_ += 1;
  ranges_ -= (joins_before ? 1 : 0) + (joins_after ? 1 : 0);
  return Seen::kFirst;
}

Serials::Seen Serials::Add(std::string_view node, int64_t ms, uint64_t serial) {
  if (overrun()) return Seen::kFirst;
  Boot& boot = BootOf(node, ms, serial);
  const Seen seen = AddTo(boot, serial);
  boot.first_ms = std::min(boot.first_ms, ms);
  boot.last_ms = std::max(boot.last_ms, ms);
  return seen;
}

uint64_t Serials::Missing() const {
  uint64_t missing = 0;
  for (const auto& boot : boots_) {
    uint64_t next = boot.lowest();
    for (const auto& [first, last] : boot.ranges) {
      missing += first - next;
      next = last + 1;
    }
  }
  return overrun() ? 0 : missing;
}

}  // namespace whittle::import
