// Truncation shows as a file that is shorter than what was read, or that begins otherwise. What was written
// between the last look and the truncation stands in the copy, FILE.1, which is read whole: records with
// serial numbers count once.
#include "import/follow.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace whittle::import {
namespace {

constexpr size_t kHead = 256;
constexpr size_t kChunk = size_t{1} << 16;

std::unexpected<Error> FailErrno(const std::string& path, const char* what) {
  return Fail(ErrorCode::kBadInput, fmt::format("{}: {}: {}", Printable(path), what, strerror(errno)));
}

}  // namespace

Follower::Follower(std::string path, Take take) : path_(std::move(path)), take_(std::move(take)) {}

Result<void> Follower::ReadRest() {
  char buffer[kChunk];
  for (;;) {
    const ssize_t got = ::pread(fd_.get(), buffer, sizeof buffer, offset_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailErrno(path_, "cannot be read");
    if (got == 0) return {};
    const std::string_view bytes(buffer, static_cast<size_t>(got));
    if (head_.size() < kHead) head_ += bytes.substr(0, kHead - head_.size());
    offset_ += got;
    take_.bytes(bytes);
  }
}

// Opens the file that has the name now, if it is another one.
Result<bool> Follower::WasReplaced() {
  struct stat status = {};
  if (::stat(path_.c_str(), &status) != 0) return false;  // between the rename and the new file
  if (fd_.valid() && status.st_ino == inode_ && status.st_dev == device_) return false;
  Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT) return false;
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) return FailErrno(path_, "cannot be opened");
  if (fd_.valid()) TRY(ReadRest());
  fd_ = std::move(fd);
  inode_ = status.st_ino;
  device_ = status.st_dev;
  return true;
}

bool Follower::WasRewritten() {
  struct stat status = {};
  if (::fstat(fd_.get(), &status) != 0) return false;
  if (status.st_size < offset_) return true;
  std::string now(head_.size(), '\0');
  const ssize_t got = ::pread(fd_.get(), now.data(), now.size(), 0);
  return got != static_cast<ssize_t>(head_.size()) || now != head_;
}

Result<void> Follower::ReadRotated() {
  const std::string copy = path_ + ".1";
  const Fd fd(::open(copy.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return {};  // kept nowhere, or elsewhere: the serial numbers will tell
  take_.file(copy);
  char buffer[kChunk];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailErrno(copy, "cannot be read");
    if (got == 0) return {};
    take_.bytes({buffer, static_cast<size_t>(got)});
  }
}

Result<void> Follower::Poll() {
  const bool replaced = TRY(WasReplaced());
  if (!fd_.valid()) return {};
  const bool rewritten = !replaced && WasRewritten();
  if (rewritten) TRY(ReadRotated());
  if (replaced || rewritten) {
    offset_ = 0;
    head_.clear();
    take_.file(path_);
  }
  return ReadRest();
}

}  // namespace whittle::import
