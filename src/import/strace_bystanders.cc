#include "import/strace_bystanders.h"

namespace whittle::import {

using evidence::Fate;

namespace {
constexpr size_t kMost = 8192;  // of groups, and of threads that died: more are no trace of one machine
}

void Bystanders::Settle(uint32_t group, Fate fate) {
  std::erase_if(unclear_, [&](auto& died) {
    if (died.first != group) return false;
    died.second.key.fate = fate;
    count_(died.second);
    return true;
  });
}

void Bystanders::Explained(uint32_t group) {
  Settle(group, Fate::kAllowed);
  if (explained_.size() < kMost) explained_.insert(group);
}

void Bystanders::Died(uint32_t group, TracedCall call) {
  if (unclear_.size() >= kMost) End();
  unclear_.emplace_back(group, std::move(call));
  if (explained_.contains(group)) Settle(group, Fate::kAllowed);
}

void Bystanders::GoesOn(uint32_t group) {
  if (unclear_.empty() && explained_.empty()) return;
  explained_.erase(group);
  Settle(group, Fate::kKilled);
}

void Bystanders::End() {
  for (auto& [group, call] : unclear_) {
    call.key.fate = Fate::kKilled;
    count_(call);
  }
  unclear_.clear();
}

}  // namespace whittle::import
