#include "import/open_calls.h"

namespace whittle::import {

void OpenCalls::Enter(uint64_t thread, const Sighting& call) {
  if (open_.size() >= kMaxThreads) End();
  const auto [open, is_new] = open_.try_emplace(thread, call);
  if (is_new) return;
  See(open->second);
  open->second = call;
}

bool OpenCalls::Return(uint64_t thread, const Sighting& call) {
  const auto open = open_.find(thread);
  const bool known = open != open_.end() && open->second.key.number == call.key.number;
  if (known) {
    open->second.key.fate = call.key.fate;
    if (!open->second.arguments.known()) open->second.arguments = call.arguments;
    See(open->second);
    open_.erase(open);
  } else {
    See(call);
  }
  return known;
}

size_t OpenCalls::End() {
  const size_t count = open_.size();
  for (const auto& [thread, call] : open_) See(call);
  open_.clear();
  return count;
}

}  // namespace whittle::import
