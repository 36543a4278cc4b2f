#include <unistd.h>

#include "container/host.h"
#include "record/recorder.h"

namespace whittle::container {

// The parts that the recorder needs may all be there, and the verifier of an older kernel may still not take
// its programs: so they are loaded and attached, watching nobody.
HostFact ProbeRecorder() {
  HostFact fact;
  fact.weight = Weight::kNeeded;
  fact.name = "the recorder itself";
  if (geteuid() != 0) {
    fact.found = "not tried: only root can";
    fact.follows = "whether the kernel takes its programs is not known";
    fact.mend = "run 'sudo whittle doctor'";
    return fact;
  }
  const auto recorder = record::Recorder::Create({});
  fact.finding = recorder ? Finding::kOk : Finding::kMissing;
  fact.found = recorder ? "its programs were loaded and attached" : recorder.error().message;
  fact.follows = recorder ? "this kernel takes them" : "nothing can be recorded";
  if (!recorder)
    fact.mend = "where all the lines above say ok: report it, with this line; a newer kernel may do";
  return fact;
}

}  // namespace whittle::container
