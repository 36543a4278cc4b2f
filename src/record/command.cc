#include "record/command.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "record/process_tree.h"

namespace whittle::record {
namespace {

// Everything after fork() is async-signal-safe.
[[noreturn]] void RunChild(int gate, int failure, char* const* argv) {
  char byte = 0;
  if (read(gate, &byte, 1) != 1) _exit(127);
  execvp(argv[0], argv);
  const int error = errno;
  if (write(failure, &error, sizeof(error)) < 0) _exit(126);
  _exit(127);
}

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return Fail(ErrorCode::kNotPossible, fmt::format("cannot make a pipe: {}", strerror(errno)));
  }
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

}  // namespace

Result<Command> Command::Hold(std::vector<std::string> argv) {
  Pipe gate = TRY(MakePipe());
  Pipe failure = TRY(MakePipe());
  // What the command leaves behind becomes our child, so that its end is noticed.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  std::vector<char*> pointers;
  for (auto& argument : argv) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return Fail(ErrorCode::kNotPossible, fmt::format("cannot fork: {}", strerror(errno)));
  if (pid == 0) {
    gate.write.Close();
    RunChild(gate.read.get(), failure.write.get(), pointers.data());
  }
  Command command(pid, std::move(gate.write), std::move(failure.read));
  command.program_ = argv.front();
  return command;
}

Command::~Command() {
  if (pid_ <= 0 || all_ended_ || !failure_.valid()) return;  // moved from, or nothing is left
  gate_.Close();
  Signal(SIGKILL);
  while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
  }
}

Result<void> Command::Go() {
  const char byte = 1;
  if (write(gate_.get(), &byte, 1) != 1) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("the command ended before it began: {}", strerror(errno)));
  }
  gate_.Close();
  int error = 0;
  ssize_t got = 0;
  do got = read(failure_.get(), &error, sizeof(error));
  while (got < 0 && errno == EINTR);
  if (got != sizeof(error)) return {};
  return Fail(ErrorCode::kBadInput,
              fmt::format("{}: cannot be executed: {}", Printable(program_), strerror(error)));
}

bool Command::AllEnded() {
  int status = 0;
  for (;;) {
    const pid_t ended = waitpid(-1, &status, WNOHANG);
    if (ended == pid_) exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended > 0 || (ended < 0 && errno == EINTR)) continue;
    if (ended < 0) all_ended_ = true;
    return all_ended_;
  }
}

size_t Command::Left() const { return ProcessTree(getpid()).size() - 1; }

void Command::Signal(int signal) const {
  for (const pid_t process : ProcessTree(getpid())) {
    if (process != getpid()) kill(process, signal);
  }
}

}  // namespace whittle::record
