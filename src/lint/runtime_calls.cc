#include "lint/runtime_calls.h"

#include <algorithm>
#include <optional>

#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using profile::Blocks;
using profile::Condition;
using profile::Operator;
using profile::Runtime;

// An argument of a runtime's own call: the bits that are known, and what they are.
struct KnownArgument {
  uint32_t index;
  uint64_t known, value;
};

// A call without which there is no start, as seen after the filter was loaded (strace of runc 1.1.5 and crun
// 1.8.1), and tried by refusing it. Of versions that may do it in another way less is known.
struct KnownCall {
  Runtime runtime;
  std::string_view call;
  profile::Version since, before;
  KnownArgument arguments[2];
};
constexpr uint64_t kAll = UINT64_MAX;
constexpr uint64_t kInt = UINT32_MAX;
constexpr uint64_t kCurrentFolder = static_cast<uint64_t>(-100);  // AT_FDCWD; Go gives all 64 bits of it
constexpr uint64_t kHow = 03 | 0100 | 01000;                      // O_ACCMODE, O_CREAT, O_TRUNC
constexpr uint64_t kReading = 0, kWriting = 01, kCloseOnExec = 02000000;
constexpr profile::Version kFirst{0, 0, 0}, kByFolder{1, 2, 0}, kNever{999, 0, 0};
constexpr KnownCall kKnownCalls[] = {
    // /proc/self/fd, and the fifo by which it is told to go on: newer versions open it below an open folder.
    {Runtime::kRunc,
     "openat",
     kFirst,
     kByFolder,
     {{0, kAll, kCurrentFolder}, {2, kAll, kReading | kCloseOnExec}}},
    {Runtime::kRunc,
     "openat",
     kFirst,
     kByFolder,
     {{0, kAll, kCurrentFolder}, {2, kAll, kWriting | kCloseOnExec}}},
    {Runtime::kRunc, "openat", kByFolder, kNever, {{2, kHow, kReading}, {}}},
    {Runtime::kRunc, "openat", kByFolder, kNever, {{2, kHow, kWriting}, {}}},
    // PR_SET_KEEPCAPS and PR_CAPBSET_DROP.
    {Runtime::kRunc, "prctl", kFirst, kNever, {{0, kInt, 8}, {}}},
    {Runtime::kRunc, "prctl", kFirst, kNever, {{0, kInt, 24}, {}}},
    {Runtime::kCrun, "prctl", kFirst, kNever, {{0, kInt, 8}, {}}},
    {Runtime::kCrun, "prctl", kFirst, kNever, {{0, kInt, 24}, {}}},
};

// What is known of the argument; of one that is not in the list nothing.
KnownArgument ArgumentOf(const KnownCall& call, uint32_t index) {
  for (const auto& argument : call.arguments) {
    if (argument.known != 0 && argument.index == index) return argument;
  }
  return {index, 0, 0};
}

// Nothing: it depends on bits that are not known.
std::optional<bool> Holds(const Condition& condition, const KnownArgument& argument) {
  if (argument.known == kAll) return condition.Matches(argument.value);
  const bool masked = condition.op == Operator::kMaskedEqual;
  const uint64_t asked = masked ? condition.value : kAll;
  const uint64_t wanted = masked ? condition.value_two : condition.value;
  if (!masked && condition.op != Operator::kEqual && condition.op != Operator::kNotEqual) return std::nullopt;
  const bool equal_is = condition.op != Operator::kNotEqual;
  if (((wanted ^ argument.value) & asked & argument.known) != 0) return !equal_is;
  return (asked & ~argument.known) == 0 ? std::optional(equal_is) : std::nullopt;
}

std::optional<bool> Holds(const std::vector<Condition>& conditions, const KnownCall& call) {
  bool surely = true;
  for (const auto& condition : conditions) {
    const auto holds = Holds(condition, ArgumentOf(call, condition.index));
    if (holds == false) return false;
    surely = surely && holds.has_value();
  }
  return surely ? std::optional(true) : std::nullopt;
}

Passes PassesWith(const filter::Resolution& resolution, const KnownCall& call) {
  bool may_pass = false, may_block = false;
  const auto decide = [&](profile::Action action) { (Blocks(action) ? may_block : may_pass) = true; };
  bool decided = false;
  for (const auto& rule : *resolution.rules) {
    const auto holds = Holds(rule.conditions, call);
    if (holds == false) continue;
    decide(rule.action);
    decided = holds.has_value();
    if (decided) break;
  }
  if (!decided) decide(resolution.decision.action);
  if (!may_pass) return Passes::kNever;
  return may_block ? Passes::kSometimes : Passes::kAlways;
}

}  // namespace

Passes RuntimesCallPasses(const Place& place, Abi abi, std::string_view call) {
  const Passes any = PassesAt(place, abi, call);
  const auto number = SyscallNumber(abi, call);
  if (any != Passes::kSometimes || !number) return any;
  const auto resolution = filter::Resolve(place.meaning, abi, *number);
  bool known = false, surely = true;
  for (const auto& own : kKnownCalls) {
    const auto& version = place.target.runtime_version;
    if (own.runtime != place.target.runtime || own.call != call || version < own.since ||
        version >= own.before)
      continue;
    const Passes passes = PassesWith(resolution, own);
    if (passes == Passes::kNever) return Passes::kNever;
    known = true;
    surely = surely && passes == Passes::kAlways;
  }
  return known && surely ? Passes::kAlways : Passes::kSometimes;
}

}  // namespace whittle::lint
