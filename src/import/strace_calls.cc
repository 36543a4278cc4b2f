#include "import/strace_calls.h"

#include <span>
#include <utility>

#include "syscalls/table.h"

namespace whittle::import {
namespace {

bool IsNumberOfACall(uint32_t number) {
  for (size_t abi = 0; abi < kAbiCount; ++abi) {
    if (SyscallName(static_cast<Abi>(abi), number)) return true;
  }
  return SyscallName(Abi::kX32, number | kX32Bit).has_value();
}

}  // namespace

const Resolved& StraceCalls::Of(std::string_view name, Abi abi, std::optional<uint32_t> number) {
  if (number) return Find(name, abi, number);
  const Resolved*& lately = lately_[static_cast<size_t>(abi)][PlaceOf(name)];
  if (lately == nullptr || lately->name != name) lately = &Find(name, abi, number);
  return *lately;
}

const Resolved& StraceCalls::Find(std::string_view name, Abi abi, std::optional<uint32_t> number) {
  static constexpr Resolved kUnknown;
  const bool is_numbered = number && (numbered_.contains(*number) || IsNumberOfACall(*number));
  Cache& cache = (is_numbered ? numbered_[*number] : resolved_)[static_cast<size_t>(abi)];
  const auto found = cache.find(name);
  if (found != cache.end()) return found->second;
  const Resolved made = Resolve(name, number, abi, native_);
  // What is not known is not kept: a log may have any number of such names.
  if (!made.known) return kUnknown;
  auto& [kept, resolved] = *cache.emplace(std::string(name), made).first;
  resolved.name = kept;
  resolved.is_exec = IsExec(name);
  resolved.is_fork = IsFork(name);
  resolved.names_pids = name == "clone" || name == "clone3" || name == "unshare" || name == "setns";
  resolved.is_exit = name == "exit" || name == "exit_group";
  // What stands for socketcall has the arguments of what socketcall was told to do.
  if (SyscallName(resolved.abi, resolved.number) == name)
    resolved.kept = evidence::KeptArguments(resolved.abi, resolved.number);
  return resolved;
}

const evidence::Arguments* StraceCalls::ArgumentsOf(const StraceLine& line, const Resolved& resolved) {
  constexpr size_t kMostKinds = 1 << 14;
  constexpr size_t kLongest = 512;  // of all names of one value; what is longer is no strace's
  if (resolved.kept.empty() || line.kind == StraceLine::Kind::kResumed) return nullptr;
  std::array<std::string_view, 6> texts;
  const size_t wanted = resolved.kept.back() + 1;
  if (SplitArguments(line, std::span(texts).first(wanted)) < wanted) return nullptr;
  std::string& key = key_;
  key.assign(1, static_cast<char>(resolved.abi));
  key.append(resolved.name);
  for (const uint32_t index : resolved.kept) key.append(1, '\n').append(texts[index]);
  if (key.size() > kLongest) return nullptr;
  if (const auto found = arguments_.find(key); found != arguments_.end()) return &found->second;
  evidence::Arguments::Values values;
  for (const uint32_t index : resolved.kept) {
    const auto value = ArgumentValue(resolved.abi, resolved.name, index, texts[index]);
    if (!value) return nullptr;
    values.push_back(evidence::AsTaken(resolved.abi, resolved.number, index, *value));
  }
  if (arguments_.size() >= kMostKinds) return nullptr;
  return &arguments_.emplace(key, evidence::Arguments(resolved.kept, std::move(values))).first->second;
}

}  // namespace whittle::import
