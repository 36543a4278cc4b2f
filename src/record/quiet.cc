#include "record/quiet.h"

#include <fmt/core.h>

#include "base/time.h"

namespace whittle::record {
namespace {

constexpr size_t kListed = 20;  // a gap is one line

}  // namespace

std::string WakeText(Wake wake) {
  switch (wake) {
    case Wake::kExec:
      return "a watched process executed a program";
    case Wake::kSignal:
      return "a watched process was sent a signal";
    case Wake::kAudit:
      return "the kernel logged a call that a filter logs or refuses";
    case Wake::kCgroup:
      return "a control group was made";
    case Wake::kTarget:
      return "something more is to be watched";
    case Wake::kSchedule:
      break;
  }
  return "it is time";
}

bool Quiet::IsDue(int64_t now_ms) const {
  return detached_since_ && every_ms_ > 0 && now_ms - *detached_since_ >= every_ms_;
}

void Quiet::Detached(int64_t now_ms, int64_t wall_ms) {
  detached_since_ = now_ms;
  detached_wall_ms_ = wall_ms;
}

void Quiet::Attached(int64_t now_ms, int64_t wall_ms) {
  if (!detached_since_) return;
  if (unwatched_.size() < kListed) unwatched_.push_back({detached_wall_ms_, wall_ms});
  total_ms_ += now_ms - *detached_since_;
  times_++;
  detached_since_.reset();
  news_ms_ = now_ms;
}

std::optional<evidence::Gap> Quiet::GapOf(const std::string& recording, int64_t wall_ms) const {
  auto all = unwatched_;
  int64_t total_ms = total_ms_;
  if (detached_since_) {
    if (all.size() < kListed) all.push_back({detached_wall_ms_, wall_ms});
    total_ms += wall_ms - detached_wall_ms_;
  }
  const uint64_t times = times_ + (detached_since_ ? 1 : 0);
  if (times == 0) return std::nullopt;
  std::string text;
  for (const auto& [from_ms, to_ms] : all) {
    text += fmt::format("{}from {} to {}", text.empty() ? "" : ", ", TimeText(from_ms), TimeText(to_ms));
  }
  if (times > all.size()) text += fmt::format(" and {} times more", times - all.size());
  return evidence::Gap{
      recording, "detached",
      fmt::format("nothing new had come, so nobody watched {}: no call of that time was seen, and none that "
                  "a filter refused by an error",
                  text),
      static_cast<uint64_t>((total_ms + 999) / 1000)};
}

}  // namespace whittle::record
