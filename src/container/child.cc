#include "container/child.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>

#include "base/text.h"

extern char** environ;

namespace whittle::container {
namespace {

enum class Step : int { kWaiting, kNoNewPrivs, kFilter, kExecute };

}  // namespace

struct HeldChild::Shared {
  std::atomic<Step> step = Step::kWaiting;
  std::atomic<int> error = 0;
};

namespace {

// What the child needs, made before the fork: after it nothing may be allocated.
struct Prepared {
  const char* program;
  std::vector<char*> words;
  sock_fprog filter;
  uint32_t filter_flags;
  bool set_no_new_privs;
  Output output;
};

// A sanitizer's run time would make calls of its own here, which the filter may refuse.
#define WHITTLE_BARE __attribute__((no_sanitize("address", "undefined")))

template <typename SharedState>
[[noreturn]] WHITTLE_BARE void Give(SharedState* shared, Step step) {
  shared->error = errno;
  shared->step = step;
  ::syscall(SYS_exit_group, 127);
  __builtin_trap();  // the filter refuses even that; the memory has told by then
}

template <typename SharedState>
[[noreturn]] WHITTLE_BARE void BeChild(int gate, const Prepared& plan, SharedState* shared) {
  char byte;
  if (::read(gate, &byte, 1) != 1) ::_exit(127);
  if (plan.output == Output::kStandardError) ::dup2(STDERR_FILENO, STDOUT_FILENO);
  // Where the filter refuses even exit_group, a fault is the way out: nobody may catch it.
  for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGTRAP}) ::signal(fault, SIG_DFL);
  if (plan.set_no_new_privs && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) Give(shared, Step::kNoNewPrivs);
  // Not filter::Load: that takes no flags, and makes text of its errors, which is no work for a forked child.
  const bool filtered = plan.filter.len > 0;
  if (filtered && ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, plan.filter_flags, &plan.filter) < 0) {
    Give(shared, Step::kFilter);
  }
  ::syscall(SYS_execve, plan.program, plan.words.data(), environ);
  Give(shared, Step::kExecute);
}

const char* StepText(Step step) {
  switch (step) {
    case Step::kNoNewPrivs:
      return "setting no_new_privs";
    case Step::kFilter:
      return "loading the filter";
    default:
      return "executing it";
  }
}

}  // namespace

Result<HeldChild> HeldChild::Start(ChildPlan plan) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Fail(ErrorCode::kNotPossible, "no pipe: too many open files");
  Fd read_end(ends[0]), write_end(ends[1]);
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return Fail(ErrorCode::kNotPossible, "no memory to share with a child");
  auto* shared = new (memory) Shared;
  Prepared prepared{plan.program.c_str(),
                    {},
                    {static_cast<unsigned short>(plan.filter.size()), plan.filter.data()},
                    plan.filter_flags,
                    plan.no_new_privs == filter::NoNewPrivs::kSet,
                    plan.output};
  for (auto& word : plan.words) prepared.words.push_back(word.data());
  prepared.words.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    write_end.Close();  // so that the parent's end of it is the only one
    BeChild(read_end.get(), prepared, shared);
  }
  if (pid < 0) {
    ::munmap(memory, sizeof(Shared));
    return Fail(ErrorCode::kNotPossible, fmt::format("no child process: {}", std::strerror(errno)));
  }
  return HeldChild(pid, std::move(write_end), shared, plan.program);
}

HeldChild::HeldChild(pid_t pid, Fd gate, Shared* shared, std::string program)
    : pid_(pid), gate_(std::move(gate)), shared_(shared), program_(std::move(program)) {}

HeldChild::HeldChild(HeldChild&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      gate_(std::move(other.gate_)),
      shared_(std::exchange(other.shared_, nullptr)),
      program_(std::move(other.program_)) {}

HeldChild::~HeldChild() {
  const bool waiting = gate_.valid();
  gate_.Close();
  if (waiting && pid_ > 0) ::waitpid(pid_, nullptr, 0);
  if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
}

void HeldChild::Release() {
  // A child that was killed while it waited leaves a broken pipe, which is no reason to end ourselves.
  struct sigaction ignore{}, former{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &former);
  [[maybe_unused]] const ssize_t written = ::write(gate_.get(), "x", 1);
  ::sigaction(SIGPIPE, &former, nullptr);
  gate_.Close();
}

std::optional<int> HeldChild::TryWait() {
  int status = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::optional<Error> HeldChild::Failure() const {
  const int error = shared_->error;
  if (error == 0) return std::nullopt;
  return Error{ErrorCode::kNotPossible, fmt::format("cannot start {}: {}: {}", Printable(program_),
                                                    StepText(shared_->step), std::strerror(error))};
}

}  // namespace whittle::container
