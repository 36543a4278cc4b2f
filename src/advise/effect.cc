#include "advise/effect.h"

#include <fmt/core.h>

#include <cerrno>

namespace whittle::advise {
namespace {

using profile::Action;

std::string ErrnoEffect(uint16_t data) {
  if (data == 0)
    return "the call is not made, and the program is told that it was: what it relies on may not have "
           "happened";
  const std::string name = profile::ErrnoName(data);
  if (data == ENOSYS)
    return "the call is not made, the program gets ENOSYS, as from a kernel without it: libcs fall back to "
           "an older call";
  return fmt::format(
      "the call is not made, the program gets {}, which looks like the kernel's own: unless a program says "
      "so, nobody hears of it",
      name);
}

}  // namespace

std::string EffectOf(Action action, uint16_t data) {
  switch (action) {
    case Action::kKillProcess:
      return "the process is ended by SIGSYS, with a core dump where those are on, and the kernel logs it";
    case Action::kKillThread:
      return "the thread is ended, and the kernel logs it: a process that has no other ends by SIGSYS, and "
             "the others of one that has run on without it, with what it had locked";
    case Action::kTrap:
      return "the call is not made, the thread gets SIGSYS with the call in its fields: its own handler "
             "decides; without one the process ends";
    case Action::kErrno:
      return ErrnoEffect(data);
    case Action::kNotify:
      return "a supervisor outside decides; while it lets calls continue their arguments can be changed "
             "under it, so that is no boundary";
    case Action::kTrace:
      return "a tracer decides, and who may trace decides then; without one the call fails with ENOSYS: "
             "nothing for production";
    case Action::kLog:
      return "the call is made, and the kernel logs it: for trying a profile out, it protects from nothing";
    case Action::kAllow:
      return "the call is made, without a word";
  }
  return "";
}

}  // namespace whittle::advise
