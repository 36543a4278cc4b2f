#include "container/output_of.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace whittle::container {
namespace {

constexpr size_t kMaxLine = size_t{1} << 20;

}  // namespace

Result<OutputOf> OutputOf::Start(std::vector<std::string> argv) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return Fail(ErrorCode::kNotPossible, fmt::format("cannot make a pipe: {}", strerror(errno)));
  }
  Fd output(ends[0]);
  const Fd input(ends[1]);
  fcntl(output.get(), F_SETFL, O_NONBLOCK);  // our end only
  std::vector<char*> words;
  for (auto& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return OutputOf(pid, std::move(output));
  return Fail(ErrorCode::kNotPossible, fmt::format("cannot start {}: {}", argv[0], strerror(error)));
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
