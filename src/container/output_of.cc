#include "container/output_of.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace whittle::container {
namespace {

constexpr size_t kMaxLine = size_t{1} << 20;

// The child's side, after fork(): only what is async-signal-safe. Where the program does not begin, its errno
// goes to `failed`.
[[noreturn]] void BecomeProgram(char* const* words, int output, int failed, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before it could be said
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
  execvp(words[0], words);
  const int error = errno;
  (void)!write(failed, &error, sizeof(error));
  _exit(127);
}

struct Pipe {
  Fd output, input;
};
Result<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) == 0) return Pipe{Fd(ends[0]), Fd(ends[1])};
  return Fail(ErrorCode::kNotPossible, fmt::format("cannot make a pipe: {}", strerror(errno)));
}

}  // namespace

Result<OutputOf> OutputOf::Start(std::vector<std::string> argv) {
  Pipe lines = TRY(MakePipe());
  Pipe failed = TRY(MakePipe());
  std::vector<char*> words;
  for (auto& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) BecomeProgram(words.data(), lines.input.get(), failed.input.get(), parent);
  if (pid < 0) return Fail(ErrorCode::kNotPossible, fmt::format("cannot fork: {}", strerror(errno)));
  failed.input.Close();
  int error = 0;
  if (read(failed.output.get(), &error, sizeof(error)) == sizeof(error)) {
    waitpid(pid, nullptr, 0);
    return Fail(ErrorCode::kNotPossible, fmt::format("cannot start {}: {}", argv[0], strerror(error)));
  }
  fcntl(lines.output.get(), F_SETFL, O_NONBLOCK);  // our end only
  return OutputOf(pid, std::move(lines.output));
}

OutputOf::OutputOf(OutputOf&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), output_(std::move(other.output_)), rest_(std::move(other.rest_)) {}

OutputOf::~OutputOf() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::vector<std::string> OutputOf::TakeLines() {
  char bytes[1 << 16];
  std::vector<std::string> lines;
  for (ssize_t count = 0; (count = read(output_.get(), bytes, sizeof(bytes))) > 0;) {
    rest_.append(bytes, static_cast<size_t>(count));
    for (size_t end = 0; (end = rest_.find('\n')) != rest_.npos; rest_.erase(0, end + 1)) {
      if (end <= kMaxLine) lines.push_back(rest_.substr(0, end));
    }
    if (rest_.size() > kMaxLine) rest_.resize(kMaxLine + 1);  // its end is thrown away, and it with its end
  }
  return lines;
}

}  // namespace whittle::container
