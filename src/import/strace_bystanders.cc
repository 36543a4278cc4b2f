#include "import/strace_bystanders.h"

#include <algorithm>

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
  const auto is_known = [&](const auto& died) { return died.first == group && died.second.calls == nullptr; };
  // One call that is not in the trace ends all threads of a process.
  if (call.calls != nullptr || std::ranges::none_of(unclear_, is_known))
    unclear_.emplace_back(group, std::move(call));
  if (explained_.contains(group)) Settle(group, Fate::kAllowed);
}

void Bystanders::MadeACall(uint32_t group) {
  explained_.erase(group);
  Settle(group, Fate::kKilled);
}

// Where one died outside of all calls of the trace, the refused one is not in it.
void Bystanders::End() {
  std::set<uint32_t> hidden;
  for (const auto& [group, call] : unclear_) {
    if (call.calls == nullptr) hidden.insert(group);
  }
  for (auto& [group, call] : unclear_) {
    const bool is_bystander = call.calls != nullptr && hidden.contains(group);
    call.key.fate = is_bystander ? Fate::kAllowed : Fate::kKilled;
    count_(call);
  }
  unclear_.clear();
}

}  // namespace whittle::import
