// What evidence holds, for people and for scripts: the text of `whittle show`. Pure; thread safe.
// Names of containers, executables and gaps come from workloads: they are made printable here.
#pragma once

#include <string>

#include "base/json.h"
#include "evidence/evidence.h"

namespace whittle::report {

// Whether subjects that came from outside (the runtime, `docker exec`'s runc, nsenter) are listed beside the
// workload.
enum class Subjects { kWorkload, kAll };

// Recordings, subjects, counts, completeness, gaps: a page for a person.
std::string SummaryText(const evidence::Evidence& evidence);

// The same for scripts; documented in docs/format-evidence.md.
json::Value SummaryJson(const evidence::Evidence& evidence);

// One sorted line an observation, tab-separated: container or "-", executable, ABI, call or "#number", fate.
std::string CallLines(const evidence::Evidence& evidence, Subjects subjects);

// The same and the arguments, "(AF_INET, SOCK_STREAM)": a line for each combination, of the calls of which
// the evidence tells them.
std::string ArgumentLines(const evidence::Evidence& evidence, Subjects subjects);

// One sorted line a gap, tab-separated: recording, kind, count (0: not countable), detail. Empty if complete.
std::string GapLines(const evidence::Evidence& evidence);

// When something was seen; "-" where its source has no wall clock: times since the machine's or the trace's
// start would be those of 1970.
std::string SeenText(int64_t ms);

// "1 call", "3 calls".
std::string Counted(uint64_t count, std::string_view thing);

}  // namespace whittle::report
