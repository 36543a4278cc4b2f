// What a container runtime itself calls between loading the filter and starting the workload: without these
// calls no container starts, and nothing in its logs says why. Measured, per runtime, version and
// no_new_privs: data/baselines/. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "profile/target.h"

namespace whittle::optimize {

// Whether a start fails if the call is refused. Many calls of a runtime may fail and it starts all the same.
enum class Need { kUnknown, kNeeded, kTolerated };

struct BaselineRow {
  std::string runtime;
  profile::Version version;
  std::string phase;  // "start" (a container's start), "exec" (docker exec, health checks)
  bool no_new_privs = false;
  Abi abi = Abi::kX86_64;
  std::string call;
  uint64_t seen = 0;           // in how many ...
  uint64_t starts = 0;         // ... of how many starts
  std::string reason;          // may be empty; says why a call is listed that was never seen
  Need need = Need::kUnknown;  // of starts; was tried by leaving the call out
};

// Reads the table's CSV form; the last column, `needed`, may be missing. Errors: kBadInput with FILE:LINE.
Result<std::vector<BaselineRow>> ParseBaselines(std::string_view csv, const std::string& file);
// All that this program carries.
const std::vector<BaselineRow>& MeasuredBaselines();

// What is known for a target.
struct Baseline {
  std::vector<BaselineRow> rows;  // start and exec; of the nearest version that was measured
  std::string measured;           // "runc 1.1.5": what the rows were measured on; empty if nothing is known
  std::string doubt;              // why the rows may not be exactly right; empty if they are for this target
};
Baseline BaselineFor(const profile::Target& target);
Baseline BaselineFor(const profile::Target& target, const std::vector<BaselineRow>& rows);

// A user's own: a file in the CSV form, of which the target's runtime is taken (the nearest version where it
// has several); or a plain list of names, one a line (`[ABI] NAME`, # opens a comment), whose calls all count
// as needed at a start. A file that does not exist and is spelled like "runc:1.1.5" is that runtime's shipped
// baseline. Errors: kBadInput.
Result<Baseline> ReadBaseline(const std::string& name, const profile::Target& target);

}  // namespace whittle::optimize
