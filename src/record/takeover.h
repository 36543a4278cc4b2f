// What a killed recorder left in its pinned maps (record/pins.h), made into evidence: all that was seen since
// its journal was last written. Reads only; not thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/evidence.h"

namespace whittle::record {

struct TakenOver {
  std::string id;  // the recording's
  int64_t alive_ms =
      0;  // wall clock: its last sign of life. It saw everything until then, and what it saw later is here
  bool finished = false;  // nothing is missing in its file: it was killed while it tidied up
  // One epoch of the recording `id`. Containers have the names that the recorder was told; the undecided
  // their path.
  evidence::Evidence evidence;
  std::map<std::string, std::string> notes;  // Recorder::Note()
  std::vector<std::string> undecided;        // paths of cgroups of which nobody had said yet whose they are
};

// `pins`: one of PinsIn(). Errors: kNotPossible if these are no maps that this version understands.
Result<TakenOver> TakeOver(const std::string& pins);

}  // namespace whittle::record
