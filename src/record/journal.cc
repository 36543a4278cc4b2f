#include "record/journal.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"

namespace whittle::record {
namespace {

constexpr char kUnfinished[] = "unfinished";

// Anything but a regular file (or one yet to be made) is written once, at the end.
bool IsRegular(const std::string& file) {
  struct stat info{};
  return file != "-" && (stat(file.c_str(), &info) != 0 || S_ISREG(info.st_mode));
}

evidence::Evidence AsUnfinished(evidence::Evidence evidence) {
  for (const auto& [id, recording] : evidence.recordings) {
    evidence.gaps.insert({id, kUnfinished, "the recorder was still running when this was written", 0});
  }
  return evidence;
}

}  // namespace

evidence::Evidence AsKilled(evidence::Evidence evidence) {
  std::set<evidence::Gap> gaps;
  for (auto gap : evidence.gaps) {
    if (gap.kind == kUnfinished) {
      gap.kind = "killed";
      gap.detail = fmt::format("the recorder was killed: what came after {} was not seen",
                               TimeText(evidence.recordings[gap.recording].ended_ms));
    }
    gaps.insert(std::move(gap));
  }
  evidence.gaps = std::move(gaps);
  return evidence;
}

Journal::~Journal() {
  if (has_journal()) unlink(LockPath().c_str());
}

Result<Journal> Journal::Open(const std::string& file) {
  struct stat info{};
  if (stat(file.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return Fail(ErrorCode::kBadInput, fmt::format("{}: is a directory: name a file for the evidence", file));
  }
  Journal journal(file);
  if (!IsRegular(file)) return journal;
  TRY(journal.Lock());
  TRY(journal.Recover());
  return journal;
}

Result<void> Journal::Lock() {
  const std::string path = LockPath();
  for (;;) {
    lock_ = Fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock_.valid()) {
      return Fail(ErrorCode::kBadInput,
                  fmt::format("{}: cannot be created: {}", Printable(path), strerror(errno)));
    }
    if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
      return Fail(
          ErrorCode::kBadInput,
          fmt::format("{}: another 'whittle record' writes to it; choose another -o", Printable(file_)));
    }
    // Who had it may have finished, and removed the name, between our open and our lock.
    struct stat ours{}, named{};
    fstat(lock_.get(), &ours);
    if (stat(path.c_str(), &named) == 0 && named.st_ino == ours.st_ino) return {};
  }
}

Result<void> Journal::Recover() {
  if (!FileExists(JournalPath())) return {};
  auto left = evidence::ReadEvidenceFile(JournalPath());
  if (!left) {
    return std::unexpected(
        WithContext(left.error(), "a killed recorder left a damaged journal; move it away"));
  }
  recovered_ = AsKilled(std::move(*left));
  return {};
}

Result<evidence::Evidence> Journal::WithRecovered(const evidence::Evidence& evidence) const {
  if (!recovered_) return evidence;
  return evidence::Merge(*recovered_, evidence);
}

Result<void> Journal::Flush(const evidence::Evidence& evidence) {
  if (!has_journal()) return {};
  const auto all = TRY(WithRecovered(AsUnfinished(evidence)));
  return WriteFile(JournalPath(), evidence::Write(all));
}

Result<evidence::Evidence> Journal::Finish(const evidence::Evidence& evidence) {
  auto all = TRY(WithRecovered(evidence));
  TRY(WriteFile(file_, evidence::Write(all)));
  if (has_journal()) {
    unlink(JournalPath().c_str());
    unlink(LockPath().c_str());
    lock_.Close();
  }
  return all;
}

}  // namespace whittle::record
