// Logs as long as one wants them, of lines as tracers write them; the same ones every time.
#pragma once

#include <string>

namespace whittle::bench {

// `strace -f -ttt -T` of sixteen processes: 1 % of the calls in two lines, 0.1 % changes of mode.
std::string StraceLog(size_t bytes);
// Records of seccomp as auditd writes them, enriched; one name in a hundred in hexadecimal.
std::string AuditLog(size_t bytes);
// The same as the kernel prints them without auditd, in a syslog with RFC 3339 times.
std::string KernelLog(size_t bytes);

}  // namespace whittle::bench
