// What a filter can decide about a call. Pure; thread safe. Source: linux/seccomp.h, OCI runtime-spec.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace whittle::profile {

// From the strictest to the most permissive, in the kernel's own order of precedence.
enum class Action : uint8_t { kKillProcess, kKillThread, kTrap, kErrno, kNotify, kTrace, kLog, kAllow };

// The older name of SCMP_ACT_KILL_THREAD, and to libseccomp the same value.
inline constexpr std::string_view kScmpActKill = "SCMP_ACT_KILL";
// "SCMP_ACT_ERRNO". kScmpActKill is read as SCMP_ACT_KILL_THREAD, as libseccomp does.
std::string_view ScmpActionName(Action action);
std::optional<Action> ParseAction(std::string_view text);

// True if the 16 data bits of its return value mean something: ERRNO, TRACE, TRAP.
bool CarriesData(Action action);
// True if documents may say that number (errnoRet): ERRNO and TRACE.
bool TakesErrno(Action action);
// True if the answer keeps the call from being made as asked: all but ALLOW and LOG.
bool Blocks(Action action);
// The value that the filter returns: SECCOMP_RET_* with its 16 data bits (errno, trace message; 0 elsewhere).
uint32_t ReturnValue(Action action, uint16_t data);
// The inverse, as the kernel reads it: an unknown action is KILL_PROCESS.
Action ActionOf(uint32_t return_value);

// "ALLOW", "ERRNO(38)", "TRACE(0)", "KILL_THREAD": the spelling of `whittle simulate`.
std::string VerdictText(Action action, uint16_t data);

// "EPERM", "ENOSYS", ... or "errno 200" for a number without a name.
std::string ErrnoName(uint32_t number);

}  // namespace whittle::profile
