#include "profile/action.h"

#include <fmt/core.h>
#include <linux/seccomp.h>
#include <string.h>

#include <array>

namespace whittle::profile {
namespace {

struct ActionRow {
  Action action;
  std::string_view scmp;
  std::string_view verdict;
  uint32_t value;
};

constexpr std::array<ActionRow, 8> kRows = {{
    {Action::kKillProcess, "SCMP_ACT_KILL_PROCESS", "KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
    {Action::kKillThread, "SCMP_ACT_KILL_THREAD", "KILL_THREAD", SECCOMP_RET_KILL_THREAD},
    {Action::kTrap, "SCMP_ACT_TRAP", "TRAP", SECCOMP_RET_TRAP},
    {Action::kErrno, "SCMP_ACT_ERRNO", "ERRNO", SECCOMP_RET_ERRNO},
    {Action::kNotify, "SCMP_ACT_NOTIFY", "NOTIFY", SECCOMP_RET_USER_NOTIF},
    {Action::kTrace, "SCMP_ACT_TRACE", "TRACE", SECCOMP_RET_TRACE},
    {Action::kLog, "SCMP_ACT_LOG", "LOG", SECCOMP_RET_LOG},
    {Action::kAllow, "SCMP_ACT_ALLOW", "ALLOW", SECCOMP_RET_ALLOW},
}};

const ActionRow& Row(Action action) { return kRows[static_cast<size_t>(action)]; }

}  // namespace

std::string_view ScmpActionName(Action action) { return Row(action).scmp; }

std::optional<Action> ParseAction(std::string_view text) {
  if (text == kScmpActKill) return Action::kKillThread;
  for (const auto& row : kRows) {
    if (text == row.scmp) return row.action;
  }
  return std::nullopt;
}

bool CarriesData(Action action) {
  return action == Action::kErrno || action == Action::kTrace || action == Action::kTrap;
}

bool TakesErrno(Action action) { return action == Action::kErrno || action == Action::kTrace; }

bool Blocks(Action action) { return action < Action::kLog; }

uint32_t ReturnValue(Action action, uint16_t data) {
  return Row(action).value | (CarriesData(action) ? data : 0u);
}

Action ActionOf(uint32_t return_value) {
  // A switch, since this is part of every verdict.
  switch (return_value & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_KILL_THREAD:
      return Action::kKillThread;
    case SECCOMP_RET_TRAP:
      return Action::kTrap;
    case SECCOMP_RET_ERRNO:
      return Action::kErrno;
    case SECCOMP_RET_USER_NOTIF:
      return Action::kNotify;
    case SECCOMP_RET_TRACE:
      return Action::kTrace;
    case SECCOMP_RET_LOG:
      return Action::kLog;
    case SECCOMP_RET_ALLOW:
      return Action::kAllow;
    default:
      return Action::kKillProcess;
  }
}

std::string VerdictText(Action action, uint16_t data) {
  return CarriesData(action) ? fmt::format("{}({})", Row(action).verdict, data)
                             : std::string(Row(action).verdict);
}

std::string ErrnoName(uint32_t number) {
  const char* name = number <= INT32_MAX ? strerrorname_np(static_cast<int>(number)) : nullptr;
  return name != nullptr && number != 0 ? name : fmt::format("errno {}", number);
}

}  // namespace whittle::profile
