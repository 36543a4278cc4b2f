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
constexpr size_t kMaxLine = size_t{1} << 20;

std::unexpected<Error> FailErrno(const std::string& path, const char* what) {
  return Fail(ErrorCode::kBadInput, fmt::format("{}: {}: {}", Printable(path), what, strerror(errno)));
}

}  // namespace

Follower::Follower(std::string path, Take take) : path_(std::move(path)), take_(std::move(take)) {}

Result<void> Follower::Read(Source& source) {
  char buffer[kChunk];
  while (source.fd.valid()) {
    const ssize_t got = ::pread(source.fd.get(), buffer, sizeof buffer, source.offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailErrno(path_, "cannot be read");
    if (got == 0) break;
    const std::string_view bytes(buffer, static_cast<size_t>(got));
    if (source.head.size() < kHead) source.head += bytes.substr(0, kHead - source.head.size());
    source.offset += got;
    source.rest += bytes;
    const size_t end = source.rest.rfind('\n');
    if (end != std::string::npos) {
      take_.lines(std::string_view(source.rest).substr(0, end + 1));
      source.rest.erase(0, end + 1);
    } else if (source.rest.size() > kMaxLine) {
      GiveUp(source);
    }
  }
  return {};
}

// Its last line will not get an end.
void Follower::GiveUp(Source& source) {
  if (!source.rest.empty()) take_.lines(source.rest + "\n");
  source.rest.clear();
}

// Opens the file that has the name now, if it is another one.
Result<bool> Follower::WasReplaced() {
  struct stat status = {};
  if (::stat(path_.c_str(), &status) != 0) return false;  // between the rename and the new file
  if (now_.fd.valid() && status.st_ino == now_.inode && status.st_dev == now_.device) return false;
  Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT) return false;
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) return FailErrno(path_, "cannot be opened");
  TRY(Read(now_));
  GiveUp(before_);
  before_ = std::move(now_);
  now_ = Source{std::move(fd), status.st_ino, status.st_dev, 0, "", ""};
  return true;
}

bool Follower::WasRewritten() const {
  struct stat status = {};
  if (::fstat(now_.fd.get(), &status) != 0) return false;
  if (status.st_size < now_.offset) return true;
  std::string head(now_.head.size(), '\0');
  const ssize_t got = ::pread(now_.fd.get(), head.data(), head.size(), 0);
  return got != static_cast<ssize_t>(head.size()) || head != now_.head;
}

Result<void> Follower::ReadCopy() {
  const std::string path = path_ + ".1";
  Source copy;
  copy.fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!copy.fd.valid()) return {};  // kept nowhere, or elsewhere: the serial numbers will tell
  take_.file(path);
  TRY(Read(copy));
  GiveUp(copy);
  return {};
}

Result<void> Follower::Poll() {
  const bool replaced = TRY(WasReplaced());
  if (!now_.fd.valid()) return {};
  const bool rewritten = !replaced && WasRewritten();
  if (rewritten) {
    TRY(ReadCopy());
    now_.offset = 0;
    now_.head.clear();
    now_.rest.clear();  // its whole line stands in the copy
  }
  if (replaced || rewritten) take_.file(path_);
  TRY(Read(before_));
  return Read(now_);
}

Result<void> Follower::End() {
  TRY(Poll());
  GiveUp(before_);
  GiveUp(now_);
  return {};
}

}  // namespace whittle::import
