#include "base/file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/fd.h"

namespace whittle {
namespace {

std::unexpected<Error> FailErrno(const std::string& path, const char* what) {
  return Fail(ErrorCode::kBadInput, fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

Result<std::string> ReadAll(int fd, const std::string& name, size_t most) {
  std::string text;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailErrno(name, "cannot be read");
    if (got == 0) return text;
    text.append(buffer, static_cast<size_t>(got));
    if (text.size() > most) {
      return Fail(ErrorCode::kBadInput, fmt::format("{}: larger than {} MiB", name, most >> 20));
    }
  }
}

Result<std::string> ReadPath(const std::string& path, size_t most) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return FailErrno(path, "cannot be opened");
  return ReadAll(fd.get(), path, most);
}

Result<void> WriteAll(int fd, const std::string& name, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return FailErrno(name, "cannot be written");
    text.remove_prefix(static_cast<size_t>(put));
  }
  return {};
}

std::string Destination(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string result = resolved;
  std::free(resolved);
  return result;
}

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  if (path == "-") return ReadAll(STDIN_FILENO, "standard input", kMaxFileBytes);
  return ReadPath(path, kMaxFileBytes);
}

Result<std::string> ReadKernelFile(const std::string& path) { return ReadPath(path, kMaxKernelFileBytes); }

Result<void> WriteFile(const std::string& path, std::string_view text) {
  if (path == "-") return WriteAll(STDOUT_FILENO, "standard output", text);
  const std::string final_path = Destination(path);
  struct stat status = {};
  const bool exists = ::stat(final_path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    const Fd fd(::open(final_path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd.valid()) return FailErrno(path, "cannot be written");
    return WriteAll(fd.get(), path, text);
  }
  std::string temporary = final_path + ".XXXXXX";
  Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return FailErrno(path, "cannot be written");
  auto written = WriteAll(fd.get(), path, text);
  if (written && ::fchmod(fd.get(), exists ? status.st_mode & 07777 : 0644) != 0) written = FailErrno(path, "chmod");
  if (written && ::fsync(fd.get()) != 0) written = FailErrno(path, "cannot be flushed");
  if (written && ::rename(temporary.c_str(), final_path.c_str()) != 0) written = FailErrno(path, "cannot be replaced");
  if (!written) ::unlink(temporary.c_str());
  return written;
}

bool FileExists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace whittle
