#include <fmt/core.h>
#include <unistd.h>

#include "base/time.h"
#include "container/host.h"
#include "record/pins.h"
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

HostFact ProbeLeftMaps() {
  HostFact fact;
  fact.name = "left by killed recorders";
  if (geteuid() != 0) {
    fact.found = "not looked for: only root can";
    fact.follows = "they would hold some 50 MB of kernel memory each";
    return fact;
  }
  fact.finding = Finding::kOk;
  std::string remove;
  for (const auto& left : record::LeftByKilled()) {
    fact.found += fmt::format("{}maps of the recorder {}, which began at {}", fact.found.empty() ? "" : "; ",
                              left.pid, TimeText(left.started_ms));
    remove += " " + left.path;
  }
  if (fact.found.empty()) {
    fact.found = "nothing";
    fact.follows = "no kernel memory is held by them";
    return fact;
  }
  fact.follows =
      "some 50 MB of kernel memory each, with calls that the next 'whittle record' into the same file "
      "takes over";
  fact.mend = "record into that file again, or give up what is in them: rm -r" + remove;
  return fact;
}

}  // namespace whittle::container
