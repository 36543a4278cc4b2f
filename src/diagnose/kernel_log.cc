#include "diagnose/kernel_log.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"

namespace whittle::diagnose {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxLines = 100'000;
constexpr std::streamoff kAuditTail = 4 << 20;
constexpr int kDeadMode = 3;  // SECCOMP_MODE_DEAD: killed by its filter

// auditd takes the records away from the ring.
void AddAuditLog(std::vector<std::string>& lines) {
  std::ifstream in("/var/log/audit/audit.log", std::ios::binary | std::ios::ate);
  if (!in) return;
  const std::streamoff size = in.tellg();
  in.seekg(size > kAuditTail ? size - kAuditTail : 0);
  for (std::string line; lines.size() < kMaxLines && std::getline(in, line);) lines.push_back(line);
}

// "Seccomp:\t2" of /proc/PID/status.
std::string StatusField(std::string_view status, std::string_view name) {
  for (const auto line : Lines(status)) {
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':'))
      return std::string(Trim(line.substr(name.size() + 1)));
  }
  return "";
}

bool IsNumber(const std::string& text) { return ParseUnsigned(text).has_value(); }

// A runtime's process on its way into the container.
bool IsRuntime(const std::string& command) {
  return command.starts_with("runc") || command.starts_with("crun");
}

// A thread that has ended is in no control group any more; the others are.
bool IsInCgroup(const std::string& process_folder, const std::string& container_id) {
  std::error_code error;
  for (fs::directory_iterator at(process_folder + "/task", error), end; !error && at != end;
       at.increment(error)) {
    const auto cgroup = ReadKernelFile(at->path().string() + "/cgroup");
    if (cgroup && cgroup->find(container_id) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<std::string>> ReadKernelLog() {
  const Fd ring(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::vector<std::string> lines;
  AddAuditLog(lines);
  if (!ring.valid() && lines.empty()) {
    return Fail(ErrorCode::kNotPossible,
                fmt::format("the kernel's log cannot be read: {}", std::strerror(errno)));
  }
  std::array<char, 8192> record{};
  while (ring.valid() && lines.size() < kMaxLines) {
    const ssize_t got = ::read(ring.get(), record.data(), record.size());
    if (got < 0 && errno == EPIPE) continue;  // overwritten meanwhile: the next one
    if (got <= 0) break;
    const std::string_view text(record.data(), static_cast<size_t>(got));
    lines.emplace_back(text.substr(0, text.find('\n')));
  }
  return lines;
}

std::optional<ProcessFacts> ReadProcess(pid_t pid) {
  const auto status = ReadKernelFile(fmt::format("/proc/{}/status", pid));
  if (!status) return std::nullopt;
  ProcessFacts process;
  process.pid = pid;
  process.command = StatusField(*status, "Name");
  const auto mode = ParseUnsigned(StatusField(*status, "Seccomp"));
  process.seccomp = mode ? static_cast<int>(*mode) : -1;
  std::error_code error;
  size_t threads = 0;
  for (fs::directory_iterator at(fmt::format("/proc/{}/task", pid), error), end; !error && at != end;
       at.increment(error)) {
    ++threads;
  }
  process.killed_by_filter = process.seccomp == kDeadMode && threads > 1;
  return process;
}

std::optional<ProcessFacts> FindStarting(const std::string& container_id) {
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!IsNumber(name)) continue;
    const auto command = ReadKernelFile("/proc/" + name + "/comm");
    if (!command || !IsRuntime(*command) || !IsInCgroup("/proc/" + name, container_id)) continue;
    return ReadProcess(static_cast<pid_t>(*ParseUnsigned(name)));
  }
  return std::nullopt;
}

std::string ConfigOf(const ProcessFacts& process) {
  const auto status = ReadKernelFile(fmt::format("/proc/{}/status", process.pid));
  const std::string parent = status ? StatusField(*status, "PPid") : "";
  if (!IsNumber(parent)) return "";
  return ReadFile(fmt::format("/proc/{}/cwd/config.json", parent)).value_or("");
}

}  // namespace whittle::diagnose
