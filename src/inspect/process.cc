#include "inspect/process.h"

#include <fmt/core.h>
#include <unistd.h>

#include <climits>

#include "base/file.h"
#include "base/text.h"
#include "filter/live/read.h"
#include "record/cgroup.h"

namespace whittle::inspect {
namespace {

constexpr size_t kStartTimeField = 20;  // of /proc/PID/stat, counted from 1 behind the name

std::string PathOf(pid_t pid, std::string_view name) { return fmt::format("/proc/{}/{}", pid, name); }

// The name in parentheses may hold anything: fields are counted from its end.
std::optional<uint64_t> StartOf(pid_t pid) {
  const auto stat = ReadKernelFile(PathOf(pid, "stat"));
  if (!stat) return std::nullopt;
  const size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  const auto fields = Words(std::string_view(*stat).substr(name_end + 1));
  return fields.size() >= kStartTimeField ? ParseUnsigned(fields[kStartTimeField - 1]) : std::nullopt;
}

std::string ExecutableOf(pid_t pid) {
  char target[PATH_MAX];
  const ssize_t length = ::readlink(PathOf(pid, "exe").c_str(), target, sizeof target);
  return length > 0 ? std::string(target, static_cast<size_t>(length)) : "";
}

std::string WithoutEnd(std::string text) {
  const size_t end = text.find_first_of(std::string_view("\n\0", 2));
  return text.substr(0, end);
}

// A module that is stacked beside others has a folder of its own; otherwise the one that labels processes
// speaks under attr/current, and the form of the label tells which.
void ReadLabel(Process& process) {
  for (const std::string_view module : {"apparmor", "smack"}) {
    const auto own = ReadKernelFile(PathOf(process.speaker, fmt::format("attr/{}/current", module)));
    if (!own || WithoutEnd(*own).empty()) continue;
    process.label = WithoutEnd(*own);
    process.label_module = module;
    return;
  }
  const auto label = ReadKernelFile(PathOf(process.speaker, "attr/current"));
  if (!label) return;
  process.label = WithoutEnd(*label);
  if (!process.label.empty() && FileExists("/sys/fs/selinux")) process.label_module = "selinux";
}

template <typename T>
void Take(Process& process, Result<T> result, T& into) {
  if (result) {
    into = std::move(*result);
  } else {
    process.unread.push_back(result.error().message);
  }
}

void ReadMounts(Process& process) {
  const std::string path = PathOf(process.speaker, "mountinfo");
  const auto text = ReadKernelFile(path);
  Take(process,
       text ? ParseMountInfo(*text, path) : Result<std::vector<Mount>>(std::unexpected(text.error())),
       process.mounts);
}

void ReadMaps(Process& process) {
  process.uid_map = ParseIdMap(ReadKernelFile(PathOf(process.speaker, "uid_map")).value_or(""));
  process.gid_map = ParseIdMap(ReadKernelFile(PathOf(process.speaker, "gid_map")).value_or(""));
}

std::string CgroupOf(pid_t pid) {
  const auto cgroup = record::ContainerCgroupOfProcess(pid);
  return cgroup ? cgroup->path : "/";
}

std::unexpected<Error> Gone(pid_t pid) {
  return Fail(ErrorCode::kBadInput, fmt::format("there is no process {}", pid));
}

}  // namespace

Result<Process> ReadProcess(pid_t id) {
  if (id <= 0) return Fail(ErrorCode::kBadInput, fmt::format("{} is no process id", id));
  Process process;
  process.speaker = TRY(filter::LiveThread(id));
  const std::string path = PathOf(process.speaker, "status");
  const auto status = ReadKernelFile(path);
  if (!status) return Gone(id);
  process.status = TRY(ParseStatus(*status, path));
  process.pid = process.status.process;
  const auto started = StartOf(process.pid);
  if (!started) return Gone(id);
  process.started = *started;
  process.executable = ExecutableOf(process.speaker);
  process.namespaces = NamespacesOf(process.speaker);
  process.cgroup = CgroupOf(process.pid);
  ReadMaps(process);
  ReadLabel(process);
  ReadMounts(process);
  return process;
}

bool StillThere(const Process& process) {
  return StartOf(process.pid) == std::optional(process.started) &&
         filter::LiveThread(process.speaker).has_value();
}

}  // namespace whittle::inspect
