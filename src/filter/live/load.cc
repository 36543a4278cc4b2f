#include "filter/live/load.h"

#include <fmt/core.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace whittle::filter {
namespace {

std::string WhyNot(int error) {
  switch (error) {
    case EACCES:
      return "it needs CAP_SYS_ADMIN or no_new_privs (run with --no-new-privs or as root)";
    case EINVAL:
      return "the kernel takes the program not, or was built without CONFIG_SECCOMP_FILTER";
    case ENOSYS:
      return "the kernel has no seccomp(2)";
    case ENOMEM:
      return "the filters of this process would exceed 32768 instructions";
    default:
      return std::strerror(error);
  }
}

}  // namespace

Result<void> Load(const Program& program, NoNewPrivs no_new_privs) {
  TRY(Validate(program));
  if (no_new_privs == NoNewPrivs::kSet && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return Fail(ErrorCode::kNotPossible, fmt::format("no_new_privs cannot be set: {}", std::strerror(errno)));
  }
  const sock_fprog loaded{static_cast<unsigned short>(program.size()),
                          const_cast<sock_filter*>(program.data())};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded) == 0) return {};
  return Fail(ErrorCode::kNotPossible, "the filter cannot be loaded: " + WhyNot(errno));
}

}  // namespace whittle::filter
