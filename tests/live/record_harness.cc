#include "record_harness.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/time.h"
#include "record/process_tree.h"
#include "syscalls/table.h"

namespace whittle::record {

std::string ProgramPath() { return RECORD_CALLS; }
std::string CopyPath() { return RECORD_CALLS_COPY; }

std::string WhyNotLive() {
  if (geteuid() != 0) return "needs root";
  if (!FileExists("/sys/kernel/btf/vmlinux")) return "needs a kernel with BTF";
  return "";
}

HeldChild::HeldChild(std::vector<std::string> argv) {
  int gate[2];
  if (pipe(gate) != 0) return;
  std::vector<char*> pointers;
  for (auto& argument : argv) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    close(gate[1]);
    char byte = 0;
    if (read(gate[0], &byte, 1) == 1) {
      close(gate[0]);
      execv(pointers[0], pointers.data());
    }
    _exit(127);
  }
  close(gate[0]);
  gate_ = gate[1];
}

HeldChild::~HeldChild() {
  if (gate_ >= 0) close(gate_);
  if (pid_ <= 0 || ended_) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void HeldChild::Go() {
  const char byte = 1;
  EXPECT_EQ(write(gate_, &byte, 1), 1);
  close(gate_);
  gate_ = -1;
}

bool HeldChild::Ended() {
  if (ended_) return true;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
  ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

Result<evidence::Evidence> RecordCommand(Options options, const std::vector<std::string>& argv) {
  auto recorder = TRY(Recorder::Create(std::move(options)));
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  HeldChild child(argv);
  TRY(recorder->AddChild(child.pid()));
  child.Go();
  const int64_t deadline = MonotonicMs() + 60'000;
  while (!child.Ended() && MonotonicMs() < deadline) TRY(recorder->Poll(10));
  // Daemons come to us when their parents end.
  while (waitpid(-1, nullptr, WNOHANG) >= 0 && MonotonicMs() < deadline) TRY(recorder->Poll(1));
  if (child.exit_code() != 0) {
    return Fail(ErrorCode::kInternal, fmt::format("'{}' ended with {}", argv.front(), child.exit_code()));
  }
  TRY(recorder->Stop());
  return recorder->Snapshot();
}

CallSet Seen(const evidence::Evidence& evidence, const std::string& container, const std::string& executable,
             evidence::Arrival arrival) {
  CallSet seen;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (!container.empty() && subject.container != container) continue;
    if (subject.executable != executable || subject.arrival != arrival) continue;
    for (const auto& [key, observation] : calls) seen.emplace(key.abi, key.number);
  }
  return seen;
}

std::string Text(const CallSet& calls) {
  std::string text;
  for (const auto& [abi, number] : calls) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", AbiName(abi), SyscallText(abi, number));
  }
  return text.empty() ? "nothing" : text;
}

CallSet Minus(const CallSet& a, const CallSet& b) {
  CallSet rest;
  std::ranges::set_difference(a, b, std::inserter(rest, rest.end()));
  return rest;
}

std::string Gaps(const evidence::Evidence& evidence) {
  std::string text;
  for (const auto& gap : evidence.gaps) text += fmt::format("{} ({}): {}\n", gap.kind, gap.count, gap.detail);
  return text;
}

}  // namespace whittle::record
