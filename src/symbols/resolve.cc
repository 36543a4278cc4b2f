#include "symbols/resolve.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "base/time.h"
#include "symbols/dw.h"
#include "symbols/files.h"
#include "symbols/unwind.h"

namespace whittle::symbols {
namespace {

constexpr int64_t kMostMs = 5000;
constexpr rlim_t kMostSeconds = 4;
constexpr rlim_t kMostMemory = rlim_t{2} << 30;
constexpr size_t kMostText = size_t{1} << 20;
constexpr uid_t kNobody = 65534;
constexpr char kField = '\x1f', kRecord = '\x1e';

void Limit(int resource, rlim_t most) {
  const rlimit limit{most, most};
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

// System calls themselves: glibc's functions would ask other threads, of which this process has none.
void BecomeNobody() {
  syscall(SYS_setgroups, 0, nullptr);
  syscall(SYS_setresgid, kNobody, kNobody, kNobody);
  syscall(SYS_setresuid, kNobody, kNobody, kNobody);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  Limit(RLIMIT_CPU, kMostSeconds);
#ifndef __SANITIZE_ADDRESS__  // its shadow alone is larger than any sensible limit
  Limit(RLIMIT_AS, kMostMemory);
#endif
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, 0);
}

[[noreturn]] void Child(const Dw& dw, const Sample& sample, OpenFiles files, int out) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_IGN);
  BecomeNobody();
  const std::string text = Packed(Unwind(dw, sample, std::move(files)));
  for (size_t at = 0; at < text.size();) {
    const ssize_t wrote = write(out, text.data() + at, text.size() - at);
    if (wrote <= 0) break;
    at += static_cast<size_t>(wrote);
  }
  _exit(0);
}

std::string ReadAll(int in) {
  std::string text;
  char piece[4096];
  const int64_t deadline = MonotonicMs() + kMostMs;
  while (text.size() < kMostText) {
    pollfd wait{in, POLLIN, 0};
    const int64_t left = deadline - MonotonicMs();
    if (left <= 0) break;
    if (poll(&wait, 1, static_cast<int>(left)) < 0 && errno == EINTR) continue;
    if (wait.revents == 0) break;
    const ssize_t got = read(in, piece, sizeof(piece));
    if (got <= 0) break;
    text.append(piece, static_cast<size_t>(got));
  }
  return text;
}

std::vector<Frame> InChild(const Dw& dw, const Sample& sample, OpenFiles files) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  Fd in(ends[0]), out(ends[1]);
  const pid_t child = fork();
  if (child < 0) return {};
  if (child == 0) Child(dw, sample, std::move(files), out.get());
  out.Close();
  auto frames = Unpacked(ReadAll(in.get()));
  kill(child, SIGKILL);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return frames;
}

// Without names.
std::vector<Frame> Places(const Sample& sample) {
  std::vector<Frame> frames = {PlaceOf(sample, sample.registers[16])};
  for (const uint64_t address : FramePointerChain(sample)) frames.push_back(PlaceOf(sample, address));
  return frames;
}

}  // namespace

std::string Packed(const std::vector<Frame>& frames) {
  std::string text;
  for (const auto& frame : frames) {
    const std::string fields[] = {std::to_string(frame.address), Printable(frame.module),
                                  std::to_string(frame.offset),  Printable(frame.function),
                                  std::to_string(frame.into),    Printable(frame.source),
                                  std::to_string(frame.line)};
    text += Join(fields, std::string_view(&kField, 1)) + kRecord;
  }
  return text;
}

std::vector<Frame> Unpacked(std::string_view text) {
  std::vector<Frame> frames;
  for (const auto record : Split(text, kRecord)) {
    const auto fields = Split(record, kField);
    if (fields.size() != 7 || frames.size() >= kMostFrames) continue;
    const auto address = ParseUnsigned(fields[0]), offset = ParseUnsigned(fields[2]),
               into = ParseUnsigned(fields[4]), line = ParseUnsigned(fields[6]);
    if (!address || !offset || !into) continue;
    frames.push_back({*address, std::string(fields[1]), *offset, std::string(fields[3]), *into,
                      std::string(fields[5]), static_cast<int>(line.value_or(0))});
  }
  return frames;
}

std::string WhyUnresolved() {
  const auto dw = LoadDw();
  return dw ? "" : dw.error().message;
}

std::vector<Frame> Resolve(Sample sample, pid_t pid) {
  // The kernel could not list the modules, or not all: ask while it lives.
  if (!sample.modules_known || sample.modules.empty()) {
    if (auto now = MappedModules(pid); !now.empty()) sample.modules = std::move(now);
  }
  const auto dw = LoadDw();
  std::vector<Frame> frames;
  if (dw) frames = InChild(**dw, sample, OpenModules(sample, pid));
  return frames.empty() ? Places(sample) : frames;
}

}  // namespace whittle::symbols
