// A reader inside a pid namespace names threads by the ids that it sees there, which are other threads' ids
// outside.
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "filter/live/load.h"
#include "filter/live/read.h"

namespace whittle::filter {
namespace {

constexpr uint16_t kReadersErrno = 11;
constexpr uint16_t kSiblingsErrno = 22;
constexpr pid_t kReader = 1;   // the first process of the namespace
constexpr pid_t kSibling = 2;  // the second

Program ErrnoForGetpgrp(uint16_t error) {
  return {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
          {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_getpgrp},
          {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error},
          {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
}

// Returns what went wrong; nothing if the sibling runs with its filter.
std::string StartSibling() {
  int ready[2];
  if (pipe(ready) != 0) return "no pipe";
  const pid_t sibling = fork();
  if (sibling == 0) {
    const char done = Load(ErrnoForGetpgrp(kSiblingsErrno), NoNewPrivs::kSet) ? 'y' : 'n';
    (void)!write(ready[1], &done, 1);
    for (;;) pause();
  }
  char done = 0;
  if (read(ready[0], &done, 1) != 1 || done != 'y') return "the sibling did not load its filter";
  return sibling == kSibling ? "" : "the sibling is process " + std::to_string(sibling);
}

// "1: 11 22; thread 1 has 2": the errnos of its filters, the oldest first, and what the list of threads says.
std::string SeenOf(pid_t pid) {
  std::string text = std::to_string(pid) + ":";
  const auto live = ReadLiveFilters(pid);
  if (!live) return text + " " + live.error().message;
  for (const auto& program : live->programs)
    text += " " + std::to_string(program.size() == 4 ? program[2].k & SECCOMP_RET_DATA : 0);
  const auto threads = ReadThreadSeccomp(pid);
  if (!threads) return text + "; " + threads.error().message;
  for (const auto& thread : *threads)
    text += "; thread " + std::to_string(thread.tid) + " has " + std::to_string(thread.filters);
  return text;
}

// What the first process of a new pid namespace sees. Its end ends the sibling as well.
std::string SeenFromInside() {
  if (mount("proc", "/proc", "proc", 0, nullptr) != 0)
    return std::string("/proc cannot be mounted: ") + strerror(errno);
  if (!Load(ErrnoForGetpgrp(kReadersErrno), NoNewPrivs::kSet)) return "the reader did not load its filter";
  if (const auto fault = StartSibling(); !fault.empty()) return fault;
  return SeenOf(kReader) + "\n" + SeenOf(kSibling) + "\n" + SeenOf(kSibling + 1);
}

void SendAndExit(int fd, const std::string& text) {
  (void)!write(fd, text.data(), text.size());
  _exit(0);
}

// Mounts of the child do not reach this process.
[[noreturn]] void EnterNamespaces(int fd) {
  if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    SendAndExit(fd, std::string("no new namespaces: ") + strerror(errno));
  const pid_t first = fork();
  if (first == 0) SendAndExit(fd, SeenFromInside());
  waitpid(first, nullptr, 0);
  _exit(0);
}

std::string ReadAll(int fd) {
  std::string text;
  std::array<char, 512> piece{};
  ssize_t got = 0;
  while ((got = read(fd, piece.data(), piece.size())) > 0)
    text.append(piece.data(), static_cast<size_t>(got));
  return text;
}

TEST(LiveFilters, AreReadFromInsideAPidNamespace) {
  if (geteuid() != 0) GTEST_SKIP() << "loading and reading filters needs root";
  int channel[2];
  ASSERT_EQ(pipe(channel), 0);
  const pid_t child = fork();
  if (child == 0) EnterNamespaces(channel[1]);
  close(channel[1]);
  EXPECT_EQ(ReadAll(channel[0]),
            "1: 11; thread 1 has 1\n"
            "2: 11 22; thread 2 has 2\n"
            "3: there is no process 3");
  close(channel[0]);
  waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace whittle::filter
