#include "import/strace_processes.h"

#include <algorithm>

namespace whittle::import {

Process& Processes::Get(uint32_t pid) {
  const auto [process, is_new] = processes_.try_emplace(pid);
  if (is_new) {
    process->second.abi = forker_abi_;
    process->second.deduced = forker_deduced_;
    process->second.executable = forker_;
    process->second.group = attached_group_ == kNobody ? pid : attached_group_;
  }
  return process->second;
}

// The process without a name has got one.
void Processes::Adopt(uint32_t pid) {
  lately_ = {};
  auto node = processes_.extract(kNobody);
  if (!node.empty()) {
    node.key() = pid;
    processes_.insert(std::move(node));
  }
  bare_ = pid;
}

// Children are announced; a process that was not is the one that went without a name so far, unless that one
// is inside of a call while this one begins another: then messages were suppressed (-q), and it is a child.
Process& Processes::Find(uint32_t pid, bool enters) {
  if (const auto known = processes_.find(pid); known != processes_.end()) return Heard(known->second);
  const auto nobody = processes_.find(kNobody);
  const bool is_nobody = nobody != processes_.end() && !(enters && nobody->second.open);
  if (is_nobody) Adopt(pid);
  return is_nobody ? Get(pid) : Appear(pid);
}

// A line of it has come.
Process& Processes::Heard(Process& process) {
  awaited_ -= std::exchange(process.awaited, false) ? 1 : 0;
  return process;
}

// Of a process that was not announced, so far.
Process& Processes::Appear(uint32_t pid) {
  const bool is_new = !processes_.contains(pid);
  // One that comes while no other lives begins a trace of its own.
  const bool is_known = processes_.empty() || let_go_ || superseding_.contains(pid);
  Process& process = Get(pid);
  if (!is_new) return Heard(process);
  process.stranger = !is_known;
  strangers_ += is_known ? 0 : 1;
  return process;
}

void Processes::Seen(uint32_t pid) {
  if (const auto known = processes_.find(pid); known != processes_.end()) Heard(known->second);
}

Processes::Missing Processes::Unseen() const {
  const uint64_t maybe_seen = std::min(awaited_, strangers_);
  return {awaited_ - maybe_seen, renumbered_ ? 0 : maybe_seen};
}

uint64_t Processes::Unmade() const {
  const uint64_t made = perhaps_made_ + (renumbered_ ? awaited_ : 0);
  return strangers_ > made ? strangers_ - made : 0;
}

Process& Processes::Of(std::optional<uint32_t> pid, bool enters) {
  if (!pid) return Heard(Get(bare_));
  auto& [known, process] = lately_[*pid % lately_.size()];
  if (process == nullptr || known != *pid) {
    Process& found = Find(*pid, enters);
    known = *pid;
    process = &found;
  }
  return *process;
}

void Processes::SetMode(uint32_t pid, Abi abi) {
  const bool unnamed_is_it = !processes_.contains(pid) && bare_ == kNobody;
  if (unnamed_is_it) Adopt(pid);
  Process& process = Heard(Get(pid));
  process.abi = abi;
  process.deduced = false;
  says_mode_ = true;
}

// Lines after the first message of a tracer that attaches are of that process, until there is another.
void Processes::Attached(uint32_t pid, bool is_made, bool threads) {
  if (processes_.empty()) bare_ = pid;
  if (threads) attached_group_ = pid;
  renumbered_ = renumbered_ || !is_made;  // whose parents are unknown may be in a namespace of their own
  is_made ? Appear(pid) : Heard(Get(pid));
}

void Processes::WillFork(const Process& parent) {
  forker_ = parent.executable;
  forker_abi_ = parent.abi;
  forker_deduced_ = parent.deduced;
}

void Processes::Forked(const Process& parent, uint32_t child, bool is_thread) {
  const bool is_known = processes_.contains(child);
  if (!is_known && gone_.erase(child) > 0) {
    --strangers_;
    return;
  }
  Process& process = Get(child);
  if (!is_known) {
    process.awaited = true;
    ++awaited_;
  }
  strangers_ -= std::exchange(process.stranger, false) ? 1 : 0;
  process.group = is_thread ? parent.group : child;
  if (process.executed) return;
  process.Become(parent.executable);
  if (!parent.deduced) return;
  process.abi = parent.abi;
  process.deduced = true;
}

void Processes::WasMade(uint32_t child) {
  const auto known = processes_.find(child);
  const bool lives = known != processes_.end();
  if (lives ? std::exchange(known->second.stranger, false) : gone_.erase(child) > 0) --strangers_;
}

void Processes::NotMade(int64_t child) {
  const auto known =
      child > 0 && child <= INT32_MAX ? processes_.find(static_cast<uint32_t>(child)) : processes_.end();
  if (known == processes_.end() || !known->second.awaited) return;
  --awaited_;
  lately_ = {};
  processes_.erase(known);
}

void Processes::Forget(std::optional<uint32_t> pid) {
  lately_ = {};
  const auto known = processes_.find(pid.value_or(bare_));
  if (known != processes_.end()) {
    if (known->second.stranger && gone_.size() < kMostKept) gone_.insert(known->first);
    processes_.erase(known);
  }
  if (pid.value_or(bare_) == bare_) bare_ = kNobody;
  if (processes_.size() == 1) bare_ = processes_.begin()->first;
}

void Processes::ForgetAll() {
  let_go_ = true;
  lately_ = {};
  processes_.clear();
}

void Processes::Supersede(std::optional<uint32_t> first, uint32_t by) {
  lately_ = {};
  auto node = processes_.extract(by);
  if (node.empty()) return;
  if (superseding_.size() < kMostKept) superseding_.insert(by);
  const auto old = processes_.find(first.value_or(bare_));
  const bool old_is_stranger = old != processes_.end() && old->second.stranger;
  if (node.mapped().stranger && gone_.size() < kMostKept) gone_.insert(by);
  node.mapped().stranger = old_is_stranger;
  processes_[first.value_or(bare_)] = std::move(node.mapped());
}

Process* Processes::WithOpen(std::string_view name) {
  for (auto& [pid, process] : processes_) {
    if (process.open && process.open->name == name) return &process;
  }
  return nullptr;
}

}  // namespace whittle::import
