// The facts of a report: every number and every sentence of it comes from here, and all of it from evidence,
// a profile, and tables. What is not known is absent, and the report says "unknown". Pure; thread safe.
// Strings are as workloads gave them: who shows them makes them printable.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "evidence/completeness.h"
#include "evidence/evidence.h"
#include "evidence/phases.h"
#include "optimize/verify.h"
#include "profile/document.h"
#include "profile/target.h"
#include "report/attacks.h"

namespace whittle::report {

struct Input {
  evidence::Evidence evidence;
  std::optional<profile::Document> profile;
  std::string profile_file;                 // as the user may give it to docker
  std::optional<evidence::Evidence> after;  // recorded under the profile
  std::optional<std::vector<Attack>> attacks;
  profile::Target target;
  optimize::RuntimeCalls runtime = {};
};

using Call = std::pair<Abi, uint32_t>;
using CallSet = std::set<Call>;

// An executable of the workload.
struct Program {
  evidence::Subject subject;
  CallSet calls;
  CallSet only_here;  // that no other program of the workload made
};

// A call that Docker's default leaves open and the profile does not.
struct ClosedCall {
  std::string name;
  int level = 0;       // of risk, 3 the highest; 0: no note
  std::string reason;  // why it matters; may be empty
};

// Published flaws whose calls Docker's default leaves open and the profile does not.
struct ClosedFlaws {
  size_t published_pairs = 0;  // CVE and call, named by the source
  size_t derived_pairs = 0;    // concluded from the description
  size_t cves = 0;             // different ones
};

// What a profile leaves open, of the native ABI's known calls.
struct ProfileFacts {
  bool filtered = true;  // false: the target installs no filter, or refuses the document; `why`
  std::string why;
  std::set<uint32_t> open;
  size_t of_workload = 0;  // of `open`: made by the workload
  size_t of_runtime = 0;   // of the rest: the runtime's own
  size_t other = 0;        // of the rest
  optimize::Verification verification;
};

// The second recording, under the profile.
struct AfterFacts {
  bool under_filter = false;      // some of the workload's calls were seen under a filter
  CallSet without_filter;         // the workload's calls that were seen without one
  bool refusals_watched = false;  // in all recordings
  bool complete = true;
  uint64_t epochs = 0;
  size_t made_again = 0;                   // of the first recording's calls
  CallSet not_made;                        // of the first recording's calls, not made in the second
  CallSet new_calls;                       // made, let pass, and not in the first recording
  std::map<std::string, CallSet> refused;  // by executable
  bool clone3_replaced = false;  // clone3 was answered ENOSYS, as the profile means it: libcs take clone
};

struct Facts {
  evidence::Evidence evidence;
  profile::Target target;
  std::string title;  // "container web (nginx:1.22)"
  int64_t started_ms = 0, ended_ms = 0;
  uint64_t epochs = 0;

  size_t known = 0;  // calls that the native ABI has: what a container without a filter can make
  CallSet made;      // by the workload, and let pass
  CallSet refused;   // by the workload, refused, and never let pass
  std::map<Abi, size_t> made_by_abi;
  std::set<uint32_t> default_open;  // by Docker's default, resolved for the target
  std::string default_target;       // what it was resolved for
  std::optional<ProfileFacts> profile;
  std::string profile_file;
  std::vector<ClosedCall> closed;  // the riskiest first
  ClosedFlaws flaws;

  evidence::Assessment completeness;
  std::vector<evidence::PhaseToExercise> not_exercised;
  CallSet once;       // seen in one epoch of the load only
  CallSet ends_only;  // seen only at a start or an end
  std::vector<Program> programs;

  std::optional<AfterFacts> after;
  std::optional<std::vector<Attack>> attacks;
};

// Errors: kBadInput if the evidence holds no workload, or a filter would be too large.
Result<Facts> CollectFacts(Input input);

}  // namespace whittle::report
