// What a run under a profile came to: which calls were refused, to whom, how often, and how that is known.
// The text at the end of `whittle run` and its JSON. Pure; thread safe. Names come from workloads: the text
// makes them printable.
#pragma once

#include <set>
#include <span>
#include <string>

#include "base/json.h"
#include "evidence/evidence.h"
#include "record/recorder.h"

namespace whittle::report {

struct UnderProfile {
  std::string profile;    // as the user named it
  std::string unwatched;  // why refusals were not watched; empty if they were
  std::span<const record::Denial> denials;
  const evidence::Evidence& evidence;  // of the run; empty if unwatched
  std::set<std::string> logged;        // calls that the profile let pass and the kernel logged
};

// Refusals, the most frequent first; at most twenty lines of them, and how many more there are.
std::string UnderProfileText(const UnderProfile& run);

// All of it: watched, different_calls, refused, logged, gaps, ... (docs/cli.md).
json::Value UnderProfileJson(const UnderProfile& run);

// "EPERM (Operation not permitted)", "killed by SIGSYS": what the caller got.
std::string RefusalText(const record::Denial& denial);

}  // namespace whittle::report
