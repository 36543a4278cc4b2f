#include "record/pins.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"

namespace whittle::record {
namespace {

constexpr char kRoot[] = "/run/whittle";
constexpr char kMount[] = "/run/whittle/bpf";

std::unexpected<Error> NotPossible(const std::string& what) {
  return Fail(ErrorCode::kNotPossible, fmt::format("cannot {}: {}", what, strerror(errno)));
}

Result<void> MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return NotPossible("make the folder " + path);
}

bool IsMounted() {
  struct statfs info{};
  return statfs(kMount, &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

// Two that mounted at once would hide each other's pins.
Result<void> Mount() {
  TRY(MakeFolder(kRoot));
  const Fd lock(open("/run/whittle/bpf.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid() || flock(lock.get(), LOCK_EX) != 0) return NotPossible("lock /run/whittle/bpf.lock");
  TRY(MakeFolder(kMount));
  if (IsMounted()) return {};
  if (mount("bpf", kMount, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") == 0) return {};
  return NotPossible(fmt::format("mount a bpf file system at {}", kMount));
}

// bpffs takes no dots, and a path may be longer than a name.
std::string NameOf(const std::string& file) {
  std::error_code error;
  const auto path = std::filesystem::weakly_canonical(file, error);
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : error ? file : path.string()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return fmt::format("{:016x}", hash);
}

// FOLDER/PID-STARTED_MS, as NewPins() makes it.
std::optional<LeftPins> Parse(const std::string& path) {
  const auto words = Split(std::string_view(path).substr(path.rfind('/') + 1), '-');
  if (words.size() != 2) return std::nullopt;
  const auto pid = ParseUnsigned(words[0]), started_ms = ParseUnsigned(words[1]);
  if (!pid || !started_ms) return std::nullopt;
  return LeftPins{path, static_cast<pid_t>(*pid), static_cast<int64_t>(*started_ms)};
}

// A number may be another program's by now; one that has our name is taken for a recorder.
bool IsRecorder(pid_t pid) {
  const auto name = ReadKernelFile(fmt::format("/proc/{}/comm", pid));
  const auto ours = ReadKernelFile("/proc/self/comm");
  return name && ours && *name == *ours;
}

}  // namespace

Result<std::string> PinFolder(const std::string& file) {
  TRY(Mount());
  const std::string folder = fmt::format("{}/{}", kMount, NameOf(file));
  TRY(MakeFolder(folder));
  return folder;
}

std::string NewPins(const std::string& folder) {
  return fmt::format("{}/{}-{}", folder, getpid(), WallClockMs());
}

std::vector<LeftPins> LeftByKilled() {
  std::vector<LeftPins> left;
  for (const auto& folder : PinsIn(kMount)) {
    for (const auto& path : PinsIn(folder)) {
      const auto pins = Parse(path);
      if (pins && !IsRecorder(pins->pid)) left.push_back(*pins);
    }
  }
  return left;
}

std::vector<std::string> PinsIn(const std::string& folder) {
  std::vector<std::string> all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) all.push_back(entry.path());
  return all;
}

void RemovePins(const std::string& pins) {
  std::error_code error;
  std::filesystem::remove_all(pins, error);
  rmdir(std::filesystem::path(pins).parent_path().c_str());
}

}  // namespace whittle::record
