// A run of `whittle record`: what the recorder watches, whose what it sees is, and when it is over. The
// recorder itself is below this (record/recorder.h), flags, progress and files are above. Not thread safe; it
// asks engines in threads of its own.
//
//   Recording recording(plan, Engines::Find(), recorder, say);
//   Begin(); while (Step()) Snapshot() as often as wanted; End(); Snapshot();
//
// Invariants: from the return of Begin on, no call of the target is missing from Snapshot() unless a gap says
// so; a container's calls are in it only once an engine said that the container is what was asked for.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "container/engines.h"
#include "container/lives.h"
#include "container/recording_plan.h"
#include "container/takeover.h"
#include "evidence/evidence.h"
#include "record/recorder.h"

namespace whittle::container {

// One line for the user, already printable.
using Say = std::function<void(const std::string&)>;

// How one kind of target is followed. Internal to recording*.cc.
class FollowedTarget {
 public:
  virtual ~FollowedTarget() = default;
  virtual Result<void> Begin() = 0;
  virtual void Take(const record::Event& event) { (void)event; }
  // After the events of a turn; false when nothing more can come.
  virtual Result<bool> Turn() = 0;
  // Before the recorder stops: what is still open is brought to its end.
  virtual Result<void> End() { return {}; }
  // The recorder's evidence and subjects as this kind of target names them.
  virtual evidence::Evidence Named(evidence::Evidence evidence) const { return evidence; }
  virtual evidence::Subject Named(const evidence::Subject& subject) const { return subject; }
  // Of containers: see Recording.
  virtual std::vector<SeenLife> SeenLives(const evidence::Evidence& run,
                                          std::vector<record::Denial> denials) {
    return (void)run, (void)denials, std::vector<SeenLife>();
  }
  virtual void Forget(size_t life) { (void)life; }
  // Grows with every life that begins or ends, and with what becomes known of one.
  virtual uint64_t News() const { return 0; }
  // Why nothing at all was recorded; empty if something was, or if that is no fault.
  virtual std::string Nothing() const { return ""; }
};

class Recording {
 public:
  // `engines` may be empty where the plan is of no containers. `exercised`: phases that the user says it
  // sees.
  Recording(RecordingPlan plan, Engines engines, std::unique_ptr<record::Recorder> recorder, Say say,
            std::set<std::string> exercised = {});
  ~Recording();

  // Errors: kBadInput if the target is not there, or does not run; kNotPossible if no engine answers.
  Result<void> Begin();
  // Waits up to `timeout_ms` for something to happen; false when the target is over.
  Result<bool> Step(int timeout_ms);
  // Ends a command, asks once more about what is undecided, and stops the recorder.
  Result<void> End();

  evidence::Evidence Snapshot();
  std::vector<record::Denial> Denials();
  // For who keeps what was seen elsewhere, for ever. SeenLives(): those of containers, without those that
  // were forgotten. Forget(): one that has ended; it stands nowhere any more. News(): grows when SeenLives()
  // may have something new.
  std::vector<SeenLife> SeenLives();
  void Forget(size_t life) { target_->Forget(life); }
  uint64_t News() { return recorder_->News() + target_->News(); }
  // Whether calls are looked at now, and why that changed last.
  struct Watched {
    bool now = true;
    std::string why;
  };
  Watched Watching() const { return {recorder_->watching(), recorder_->watching_why()}; }
  // Of the last Snapshot(), and of all: record/recorder.h.
  void SayWritten() { recorder_->SayWritten(); }
  void RemovePins() { recorder_->RemovePins(); }
  // Whose a cgroup is of which a recorder before this one had not heard, which lived until then (wall clock):
  // asked of the engines now.
  AskWhose Claims(int64_t alive_ms) const;
  // After End(): why the evidence is empty ("container web did not start while whittle waited"), or nothing.
  std::string Nothing() const { return target_->Nothing(); }

 private:
  RecordingPlan plan_;
  Engines engines_;
  std::unique_ptr<record::Recorder> recorder_;
  Say say_;
  std::unique_ptr<FollowedTarget> target_;
};

}  // namespace whittle::container
