#include "import/audit_twins.h"

namespace whittle::import {
namespace {
constexpr size_t kMost = 1 << 14;
}

void Twins::Numbered(const AuditLine& record) {
  const Key key = KeyOf(record);
  const auto twin = waiting_.find(key);
  if (twin != waiting_.end()) {
    if (--twin->second.count == 0) waiting_.erase(twin);
    return;
  }
  auto*& printed = lately_[(record.pid * 31 + record.call.number) % lately_.size()];
  if (printed == nullptr || printed->first != key) {
    if (printed_.size() >= kMost) {
      printed_.clear();
      lately_ = {};
    }
    printed = &*printed_.try_emplace(key).first;
  }
  ++printed->second;
}

void Twins::Unnumbered(const AuditLine& record, Tally::Calls& calls) {
  const Key key = KeyOf(record);
  const auto twin = printed_.find(key);
  if (twin != printed_.end()) {
    if (--twin->second > 0) return;
    printed_.erase(twin);
    lately_ = {};
    return;
  }
  if (waiting_.size() >= kMost) End();
  Waiting& waiting = waiting_[key];
  waiting.calls = &calls;
  ++waiting.count;
}

bool Twins::End() {
  for (const auto& [key, waiting] : waiting_) {
    tally_.See(*waiting.calls, std::get<evidence::CallKey>(key), kUndated, waiting.count);
    any_alone_ = true;
  }
  waiting_.clear();
  return any_alone_;
}

}  // namespace whittle::import
