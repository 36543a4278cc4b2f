#include "container/recording_plain.h"

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "container/container.h"
#include "container/find_cgroup.h"
#include "record/cgroup.h"

namespace whittle::container {
namespace {

constexpr int64_t kLookMs = 1000;   // so often it is looked whether a cgroup is still there
constexpr int64_t kEndMs = 10'000;  // so long a command has to end when it is asked to
constexpr int kPollMs = 50;

}  // namespace

Result<void> FollowedCgroup::Begin() {
  key_ = TRY(FindCgroup(plan_.name));
  TRY(recorder_.AddCgroup(key_, record::CgroupKind::kPlain));
  say_(fmt::format("recording {}", Printable(plan_.Text())));
  return {};
}

Result<bool> FollowedCgroup::Turn() {
  if (MonotonicMs() < next_look_ms_) return true;
  next_look_ms_ = MonotonicMs() + kLookMs;
  if (record::DirectoryOfCgroup(key_)) return true;
  recorder_.facts().exercised.insert("shutdown");
  return false;
}

Result<void> FollowedProcess::Begin() {
  // A descriptor names this process, whoever gets its number later.
  pidfd_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, plan_.pid, 0)));
  TRY(recorder_.AddProcessTree(plan_.pid));
  say_(fmt::format("recording {}", Printable(plan_.Text())));
  return {};
}

Result<bool> FollowedProcess::Turn() {
  if (!pidfd_.valid()) return kill(plan_.pid, 0) == 0 || errno != ESRCH;
  pollfd wait{pidfd_.get(), POLLIN, 0};
  if (poll(&wait, 1, 0) <= 0) return true;
  recorder_.facts().exercised.insert("shutdown");
  return false;
}

Result<void> FollowedCommand::Begin() {
  command_.emplace(TRY(record::Command::Hold(plan_.command)));
  TRY(recorder_.AddChild(command_->pid()));
  TRY(command_->Go());
  say_(fmt::format("recording {}", Printable(plan_.Text())));
  return {};
}

bool FollowedCommand::Ended() {
  const bool known = command_->exit_code().has_value();
  const bool all = command_->AllEnded();
  if (!known && command_->exit_code()) {
    say_(fmt::format("the command ended with exit code {}{}", *command_->exit_code(),
                     all ? "" : "; recording what it left running (Ctrl-C ends that)"));
  }
  if (all && command_->exit_code() != kKilledExitCode) recorder_.facts().exercised.insert("shutdown");
  return all;
}

Result<bool> FollowedCommand::Turn() { return !Ended(); }

Result<void> FollowedCommand::End() {
  if (!command_ || command_->AllEnded()) return {};
  command_->Signal(SIGTERM);
  const int64_t deadline = MonotonicMs() + kEndMs;
  while (MonotonicMs() < deadline) {
    TRY(recorder_.Poll(kPollMs));
    if (Ended()) return {};
  }
  say_("the command did not end within 10 s after SIGTERM: killed");
  command_->Signal(SIGKILL);
  while (!command_->AllEnded()) TRY(recorder_.Poll(kPollMs));
  return {};
}

}  // namespace whittle::container
