#include "import/intent.h"

#include <fmt/core.h>

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

void Intent::Add(const std::string& container, Abi abi, uint32_t number, profile::Action action,
                 Arguments arguments) {
  any_ = true;
  const auto fate = FateOf(action);
  if (fate == evidence::Fate::kAllowed && arguments == Arguments::kSome) {
    conditional_.insert(SyscallText(abi, number));
  }
  const bool under_filter = fate == evidence::Fate::kLogged || evidence::Refused(fate);
  tally_.See(tally_.Of({container, "?", evidence::Arrival::kWorkload}), {abi, number, fate, under_filter},
             kUndated);
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
              "possible: calls that the policy allows for some arguments stand here without them",
              conditional_.size());
  const std::string names = Join(std::vector(conditional_.begin(), conditional_.end()), ", ");
  tally_.Warn(fmt::format("allowed for some arguments only, which evidence does not hold: {}", names));
}

}  // namespace whittle::import
