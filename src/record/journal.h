// The file that a recording ends in, and the journal beside it while it lasts (FILE.recording), so that a
// recorder that is killed loses no more than what came after its last flush. Not thread safe.
//
// The journal is whole evidence at any moment, with the gap "unfinished". The next recording into the same
// file takes over a journal that a dead recorder left: its evidence becomes part of the new one, with the gap
// "killed".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "evidence/evidence.h"

namespace whittle::record {

class Journal {
 public:
  // `file` may be "-" or a device: then there is no journal. Errors: kBadInput if another recorder writes to
  // the file, or the folder is not writable, or a journal that was left over is damaged.
  static Result<Journal> Open(const std::string& file);
  Journal(Journal&&) noexcept = default;
  Journal& operator=(Journal&&) noexcept = default;
  // Unlocks. What was flushed and not finished stays, for the next one.
  ~Journal();

  // What a killed recorder left, as it left it; empty if nothing was. It is part of what is flushed and
  // finished.
  const std::optional<evidence::Evidence>& recovered() const { return recovered_; }
  // Puts something in its place: the same, with what else is known of it.
  void Recover(evidence::Evidence evidence) { recovered_ = std::move(evidence); }
  // Whether there is one: not for standard output and devices.
  bool has_journal() const { return lock_.valid(); }
  // Puts all of `evidence`, and what was recovered, into the journal, in one step.
  Result<void> Flush(const evidence::Evidence& evidence);
  // Writes the file and removes the journal. Returns what was written.
  Result<evidence::Evidence> Finish(const evidence::Evidence& evidence);

 private:
  explicit Journal(std::string file) : file_(std::move(file)) {}
  std::string JournalPath() const { return file_ + ".recording"; }
  std::string LockPath() const { return file_ + ".lock"; }
  Result<void> Lock();
  Result<void> ReadLeft();
  Result<evidence::Evidence> WithRecovered(const evidence::Evidence& evidence) const;

  std::string file_;
  Fd lock_;
  std::optional<evidence::Evidence> recovered_;
};

inline constexpr char kUnfinished[] = "unfinished";
inline constexpr char kKilled[] = "killed";

// When nobody watched: from a killed recorder's last sign of life, of which its maps may know more than its
// journal, until another one watches. Wall clock.
struct Unwatched {
  std::map<std::string, int64_t> alive_ms;  // by the id of the recorder's run
  int64_t again_ms = 0;                     // 0: nobody said
};

// Marks evidence as what a recorder had when it was killed: the gap "unfinished" becomes "killed", with the
// times. Pure.
evidence::Evidence AsKilled(evidence::Evidence evidence, const Unwatched& unwatched);

}  // namespace whittle::record
