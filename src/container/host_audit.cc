// The audit stream, proven by an event of our own: a child makes one call that its filter logs, and we wait
// for the kernel's record of it. The stream reaches the initial network namespace only, and a closed door
// looks like silence.
#include <fmt/core.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/time.h"
#include "container/host.h"
#include "record/audit_stream.h"

namespace whittle::container {
namespace {

constexpr int kWaitMs = 1'000;

// Runs in the child: only async-signal-safe calls.
[[noreturn]] void LogOneCall() {
  sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
                          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG),
                          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ::_exit(1);
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) ::_exit(1);
  ::syscall(SYS_getppid);
  ::_exit(0);
}

// True once a seccomp record of that process arrives.
bool Arrives(record::AuditStream& stream, pid_t pid) {
  for (int64_t end = MonotonicMs() + kWaitMs; MonotonicMs() < end;) {
    pollfd wait{stream.fd(), POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(end - MonotonicMs())) <= 0) continue;
    const auto news = stream.Take();
    if (std::ranges::find(news.processes, pid) != news.processes.end()) return true;
  }
  return false;
}

HostFact Fact(Finding finding, std::string found, std::string mend) {
  const bool good = finding == Finding::kOk;
  return {Area::kRefusals,
          Weight::kHelps,
          "audit stream",
          finding,
          std::move(found),
          good ? "calls that a filter logs or kills for are read without auditd"
               : "calls that a filter logs or kills for are seen by the recorder only",
          std::move(mend)};
}

}  // namespace

HostFact ProbeAudit() {
  auto stream = record::AuditStream::Open();
  if (!stream) {
    return Fact(
        Finding::kMissing, stream.error().message,
        ::geteuid() == 0 ? "boot a kernel with CONFIG_AUDIT, and give CAP_AUDIT_READ" : "run as root");
  }
  const pid_t child = ::fork();
  if (child == 0) LogOneCall();
  if (child < 0)
    return Fact(Finding::kUnknown, fmt::format("no child process: {}", std::strerror(errno)), "");
  const bool arrives = Arrives(*stream, child);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) return Fact(Finding::kUnknown, "a child could not load a filter that logs", "");
  if (arrives) return Fact(Finding::kOk, "the record of a call logged on purpose arrived", "");
  return Fact(Finding::kMissing, "opened, but the record of a call logged on purpose did not arrive",
              "run in the initial network and pid namespace, with 'log' in kernel.seccomp.actions_logged");
}

}  // namespace whittle::container
