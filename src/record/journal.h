// The file that a recording ends in, and the journal beside it while it lasts (FILE.recording), so that a
// recorder that is killed loses no more than what came after its last flush. Not thread safe.
//
// The journal is whole evidence at any moment, with the gap "unfinished". The next recording into the same
// file takes a journal that a dead recorder left over: its evidence becomes part of the new one, with the gap
// "killed".
#pragma once

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

  // What a killed recorder left, with its gap; empty if nothing was.
  const std::optional<evidence::Evidence>& recovered() const { return recovered_; }
  // Puts all of `evidence`, and what was recovered, into the journal, in one step.
  Result<void> Flush(const evidence::Evidence& evidence);
  // Writes the file and removes the journal. Returns what was written.
  Result<evidence::Evidence> Finish(const evidence::Evidence& evidence);

 private:
  explicit Journal(std::string file) : file_(std::move(file)) {}
  bool has_journal() const { return lock_.valid(); }
  std::string JournalPath() const { return file_ + ".recording"; }
  std::string LockPath() const { return file_ + ".lock"; }
  Result<void> Lock();
  Result<void> Recover();
  Result<evidence::Evidence> WithRecovered(const evidence::Evidence& evidence) const;

  std::string file_;
  Fd lock_;
  std::optional<evidence::Evidence> recovered_;
};

// Marks evidence as what a recorder had when it was killed: the gap "unfinished" becomes "killed". Pure.
evidence::Evidence AsKilled(evidence::Evidence evidence);

}  // namespace whittle::record
