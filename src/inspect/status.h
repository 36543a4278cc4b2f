// What /proc/PID/status says of a process' rights. Pure; thread safe. The text is the kernel's, but holds the
// name that the process gave itself. Source: proc_pid_status(5).
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace whittle::inspect {

// Masks: bit n is the capability with that number.
struct CapabilitySets {
  uint64_t inheritable = 0;
  uint64_t permitted = 0;
  uint64_t effective = 0;
  uint64_t bounding = 0;
  uint64_t ambient = 0;
};

// Real, effective, saved, file system.
using Ids = std::array<uint32_t, 4>;

struct Status {
  std::string name;        // as the process called itself; hostile
  pid_t process = 0;       // its id: the thread's own only if that leads it
  std::vector<pid_t> ids;  // in the reader's pid namespace and in each below, down to the process' own
  Ids uids{};
  Ids gids{};
  CapabilitySets capabilities;
  bool no_new_privs = false;
  uint32_t seccomp_mode = 0;                // 0 disabled, 1 strict, 2 filter
  std::optional<uint32_t> seccomp_filters;  // since Linux 5.9
};

// Errors: kBadInput naming `source` and the line that is missing or malformed.
Result<Status> ParseStatus(std::string_view text, const std::string& source);

}  // namespace whittle::inspect
