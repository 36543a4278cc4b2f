#include "filter/live/read_ptrace.h"

#include <fmt/core.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/time.h"

namespace whittle::filter {
namespace {

constexpr useconds_t kBetweenLooks = 1000;

std::unexpected<Error> NotPossible(const std::string& what, int error) {
  const char* hint = error == EPERM    ? " (it needs root, and nobody else tracing it)"
                     : error == EACCES ? " (the reader has a filter itself, or lacks CAP_SYS_ADMIN)"
                                       : "";
  return Fail(ErrorCode::kNotPossible, fmt::format("{}: {}{}", what, std::strerror(error), hint));
}

Result<void> Stop(pid_t tid, int deadline_ms) {
  if (ptrace(PTRACE_SEIZE, tid, nullptr, nullptr) != 0)
    return NotPossible(fmt::format("thread {} cannot be traced", tid), errno);
  if (ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr) != 0)
    return NotPossible(fmt::format("thread {} cannot be stopped", tid), errno);
  const int64_t end = MonotonicMs() + deadline_ms;
  int status = 0;
  for (;;) {
    const pid_t seen = waitpid(tid, &status, __WALL | WNOHANG);
    if (seen == tid && WIFSTOPPED(status)) return {};
    if (seen == tid || (seen < 0 && errno != EINTR))
      return Fail(ErrorCode::kBadInput, fmt::format("thread {} has ended", tid));
    if (MonotonicMs() > end) break;
    usleep(kBetweenLooks);
  }
  return Fail(ErrorCode::kNotPossible,
              fmt::format("thread {} did not stop within {} ms (it may wait for a disk)", tid, deadline_ms));
}

// Newest first, as ptrace counts them.
Result<std::vector<Program>> Copy(pid_t tid) {
  std::vector<Program> programs;
  for (uintptr_t index = 0;; ++index) {
    Program program(kMaxInstructions);
    const long count = ptrace(PTRACE_SECCOMP_GET_FILTER, tid, reinterpret_cast<void*>(index), program.data());
    if (count < 0 && (errno == ENOENT || (errno == EINVAL && index == 0))) return programs;
    if (count < 0)
      return NotPossible(fmt::format("filter {} of thread {} cannot be read", index, tid), errno);
    program.resize(std::min(static_cast<size_t>(count), kMaxInstructions));
    TRY(Validate(program));
    programs.push_back(std::move(program));
  }
}

Result<LiveFilters> Read(pid_t tid, int deadline_ms) {
  TRY(Stop(tid, deadline_ms));
  auto programs = Copy(tid);
  ptrace(PTRACE_DETACH, tid, nullptr, nullptr);
  if (!programs) return std::unexpected(programs.error());
  std::ranges::reverse(*programs);
  return LiveFilters{tid, std::move(*programs)};
}

}  // namespace

Result<LiveFilters> ReadLiveFiltersByPtrace(pid_t pid, int deadline_ms) {
  if (pid <= 0) return Fail(ErrorCode::kBadInput, fmt::format("{} is no process id", pid));
  const pid_t tid = TRY(LiveThread(pid));
  if (tid == getpid())
    return Fail(ErrorCode::kNotPossible, "a process cannot trace itself: name another with --pid");
  Result<LiveFilters> live = LiveFilters{};
  // A tracer is a thread: when it ends, the kernel lets go of what it traced, even where it did not stop.
  std::thread([&] { live = Read(tid, deadline_ms); }).join();
  return live;
}

}  // namespace whittle::filter
