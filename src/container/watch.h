// The recorder beside a workload that runs under a profile: which of its calls were refused. Internal to this
// folder.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "container/run.h"
#include "filter/program.h"
#include "profile/document.h"
#include "profile/target.h"
#include "record/recorder.h"

namespace whittle::container {

// The filter that the target makes of the document. Errors: kBadInput if there would be none.
Result<filter::Program> CompileOrRefuse(const profile::Document& document, const profile::Target& target);

// True if the filter keeps the kernel from executing the call.
bool Refuses(const filter::Program& program, const filter::Call& call);

class Watch {
 public:
  // Never fails: without a recorder it says why in `unwatched`, and does nothing.
  static Watch Create(record::Options options, const filter::Program& program);

  // One that does not watch, and says why.
  static Watch None(std::string why);

  record::Recorder* recorder() { return recorder_.get(); }
  const std::string& unwatched() const { return unwatched_; }
  void GiveUp(std::string why);

  // Lets events in for up to `timeout_ms`, or just waits.
  void Poll(int timeout_ms);
  // The workload has ended with this exit code: the evidence covers that, unless it was killed.
  void SayEnded(int exit_code);
  // Ends it and moves what was seen into the outcome.
  void Finish(RunOutcome& outcome);

 private:
  std::unique_ptr<record::Recorder> recorder_;
  std::string unwatched_;
};

}  // namespace whittle::container
