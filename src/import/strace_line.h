// One line of strace's output, taken apart. Strings, nested brackets and descriptors with names are skipped
// as such, so that text which a program writes never looks like a call or a result. Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace whittle::import {

struct StraceLine {
  enum class Kind : uint8_t {
    kCall,        // NAME(...) = RESULT
    kUnfinished,  // NAME(... <unfinished ...>: entered; also where another message cut the line
    kTorn,        // NAME(... and nothing more: entered; the rest is lost
    kResumed,     // <... NAME resumed>...) = RESULT, or cut again
    kExited,      // +++ exited with N +++
    kKilled,      // +++ killed by SIGNAL +++
    kSuperseded,  // +++ superseded by execve in pid N +++: the thread `other` takes its place
    kMoved,       // execve(... <pid changed to N ...>: goes on in the file of `other` (-ff)
    kSignal,      // --- SIGNAL {...} ---
    kMode,        // [ Process PID=N runs in 32 bit mode. ]
    kAttached,    // strace: Process N attached
    kDetached,    // strace: Process N detached, <detached ...>
    kNoName,      // ???(...: strace could not tell which call
    kMessage,     // any other word of strace's own, a stack frame, the rest of a cut line
    kUnknown,
  };
  // Of a result: "= RESULT ERRNO (text)".
  enum class Result : uint8_t { kNone, kValue, kUnknown, kError };

  enum class Clock : uint8_t { kNone, kWall, kDay, kSinceLast };

  // Said, not defaulted, and small on purpose: each line makes one, and would fill it with zeros first.
  StraceLine() {}  // NOLINT(modernize-use-equals-default)

  Kind kind = Kind::kUnknown;
  Clock clock = Clock::kNone;
  Result result = Result::kNone;
  bool cut = false;       // of kResumed: the line ends inside of the call
  bool injected = false;  // the tracer answered the call itself
  // A message cut the call: the tracer let go of `other`, or without that of this line's own process.
  bool detached = false;
  std::optional<uint32_t> pid;     // as written before the line, or of a mode, attach or detach message
  std::optional<uint32_t> number;  // of a call, where -n prints it
  // Of a cut call: whom "strace: Process N attached" (or detached) in its middle is about; of kSuperseded: by
  // whom; of kMoved: where to.
  std::optional<uint32_t> other;
  int64_t time_us = -1;   // as written; what it means: `clock`
  int64_t value = 0;      // of kValue
  std::string_view name;  // of a call: "openat", "syscall_0x1b3"
  // What stands between the brackets, as far as it is there; of a signal what stands behind its name.
  std::string_view arguments;
  // Of kError "EPERM", or the number; of kUnknown "ERESTARTSYS", if it says so. The signal's name; the mode:
  // "32 bit", "64 bit", "x32"; of kAttached: "threads".
  std::string_view word;
};

StraceLine ParseStraceLine(std::string_view line);

// The first arguments of a call one by one, without blanks around them: into `arguments`, as many as have
// place. Returns how many there are, of those that are whole: what a cut ends is not.
size_t SplitArguments(const StraceLine& line, std::span<std::string_view> arguments);

}  // namespace whittle::import
