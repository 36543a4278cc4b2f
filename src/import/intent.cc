#include "import/intent.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "syscalls/table.h"

namespace whittle::import {

evidence::Fate FateOf(profile::Action action) {
  using profile::Action;
  switch (action) {
    case Action::kKillProcess:
    case Action::kKillThread:
      return evidence::Fate::kKilled;
    case Action::kTrap:
    case Action::kErrno:
      return evidence::Fate::kDenied;
    case Action::kNotify:
    case Action::kTrace:
      return evidence::Fate::kUnknown;
    case Action::kLog:
      return evidence::Fate::kLogged;
    case Action::kAllow:
      break;
  }
  return evidence::Fate::kAllowed;
}

namespace {

// The one value of an argument that meets the condition; nothing if there are others.
std::optional<uint64_t> OnlyValue(Abi abi, uint32_t number, const profile::Condition& condition) {
  using profile::Operator;
  const auto taken = [&](uint64_t value) { return evidence::AsTaken(abi, number, condition.index, value); };
  if (condition.op == Operator::kEqual) return taken(condition.value);
  const bool is_whole = condition.op == Operator::kMaskedEqual && taken(condition.value) == taken(UINT64_MAX);
  return is_whole ? std::optional(taken(condition.value_two)) : std::nullopt;
}

}  // namespace

evidence::Arguments ValuesOf(Abi abi, uint32_t number, std::span<const profile::Condition> conditions) {
  const auto kept = evidence::KeptArguments(abi, number);
  if (conditions.size() != kept.size()) return {};
  evidence::Arguments::Values values;
  for (const uint32_t index : kept) {
    const auto its = std::ranges::find(conditions, index, &profile::Condition::index);
    const auto value = its == conditions.end() ? std::nullopt : OnlyValue(abi, number, *its);
    if (!value) return {};
    values.push_back(*value);
  }
  return {kept, std::move(values)};
}

void Intent::Add(const std::string& container, Abi abi, uint32_t number, profile::Action action,
                 Arguments arguments, const evidence::Arguments& values) {
  any_ = true;
  const auto fate = FateOf(action);
  if (fate == evidence::Fate::kAllowed && arguments == Arguments::kSome && !values.known()) {
    conditional_.insert(SyscallText(abi, number));
  }
  const bool under_filter = fate == evidence::Fate::kLogged || evidence::Refused(fate);
  tally_.See(tally_.Of({container, "?", evidence::Arrival::kWorkload}), {abi, number, fate, under_filter},
             kUndated, 1, &values);
}

void Intent::End() {
  if (any_ || open_) {
    tally_.Lose("intent",
                "possible: what a policy lists, not what a program was seen to do: calls may be missing");
  }
  if (open_) {
    tally_.Lose("open-default",
                "the policy allows every call that it does not list: evidence cannot say that");
  }
  if (conditional_.empty()) return;
  tally_.Lose("arguments",
              "possible: calls that the policy allows for some arguments, which evidence cannot hold, stand "
              "here without them",
              conditional_.size());
  const std::string names = Join(std::vector(conditional_.begin(), conditional_.end()), ", ");
  tally_.Warn(fmt::format("allowed for some arguments only, which evidence cannot hold: {}", names));
}

}  // namespace whittle::import
