#include "record/journal.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"

namespace whittle::record {
namespace {

// Anything but a regular file (or one yet to be made) is written once, at the end.
bool IsRegular(const std::string& file) {
  struct stat info{};
  return file != "-" && (stat(file.c_str(), &info) != 0 || S_ISREG(info.st_mode));
}

// Of one run. What was over by then has all that it will have; what was not, or the last of them, stands for
// the run.
evidence::Evidence AsUnfinished(evidence::Evidence evidence) {
  int64_t last_ms = 0;
  for (const auto& [id, recording] : evidence.recordings) last_ms = std::max(last_ms, recording.ended_ms);
  for (const auto& [id, recording] : evidence.recordings) {
    if (recording.ended_ms + recording.epoch_ms < last_ms) continue;
    evidence.gaps.insert({id, kUnfinished, "the recorder was still running when this was written", 0});
  }
  return evidence;
}

}  // namespace

namespace {

// Recordings of one run have its id, or its id with ".NUMBER".
int64_t AliveMs(const evidence::Recording& recording, const std::string& id, const Unwatched& unwatched) {
  int64_t alive_ms = recording.ended_ms;
  for (const auto& [run, known_ms] : unwatched.alive_ms) {
    if (id == run || id.starts_with(run + ".")) alive_ms = std::max(alive_ms, known_ms);
  }
  return alive_ms;
}

std::string UnwatchedText(int64_t from_ms, int64_t to_ms) {
  if (to_ms == from_ms) {
    return fmt::format("the recorder was killed: what came after {} was not seen", TimeText(from_ms));
  }
  return fmt::format("the recorder was killed: nobody watched from {} to {} ({}.{} s)", TimeText(from_ms),
                     TimeText(to_ms), (to_ms - from_ms) / 1000, (to_ms - from_ms) % 1000 / 100);
}

}  // namespace

evidence::Evidence AsKilled(evidence::Evidence evidence, const Unwatched& unwatched) {
  std::set<evidence::Gap> gaps;
  for (auto gap : evidence.gaps) {
    if (gap.kind != kUnfinished) {
      gaps.insert(std::move(gap));
      continue;
    }
    const auto& recording = evidence.recordings[gap.recording];
    const int64_t from_ms = AliveMs(recording, gap.recording, unwatched);
    const int64_t to_ms = std::max(unwatched.again_ms, from_ms);
    evidence::AddGap(gaps, {gap.recording, kKilled, UnwatchedText(from_ms, to_ms),
                            static_cast<uint64_t>((to_ms - from_ms + 999) / 1000)});
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
  TRY(journal.ReadLeft());
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

Result<void> Journal::ReadLeft() {
  if (!FileExists(JournalPath())) return {};
  auto left = evidence::ReadEvidenceFile(JournalPath());
  if (!left) {
    return std::unexpected(
        WithContext(left.error(), "a killed recorder left a damaged journal; move it away"));
  }
  recovered_ = std::move(*left);
  return {};
}

Result<evidence::Evidence> Journal::WithRecovered(const evidence::Evidence& evidence) const {
  if (!recovered_) return evidence;
  return evidence::Merge(AsKilled(*recovered_, {}), evidence);
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
