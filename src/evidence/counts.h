// In how many runs, or replicas, each call of the workload was seen: one that only one of three made is a
// rare path or noise, and a person has to look. Counted over what was recorded, before merging: merged
// evidence counts as the recordings that it holds, a recording that is given twice counts once, and one in
// which nothing was seen counts, too. Pure; thread safe.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/json.h"
#include "evidence/incidence.h"

namespace whittle::evidence {

struct CallCounts {
  UnitKind per = UnitKind::kRun;             // kRun or kReplica
  std::set<std::string> of;                  // names of all: a recording's id; "ID CONTAINER" of a replica
  std::map<Call, std::set<std::string>> in;  // a part of them
};
CallCounts CountCalls(const Evidence& evidence, UnitKind per);

// Runs; replicas where all of several are in one run.
UnitKind UsualCount(const Evidence& evidence);

// One sorted line a call, tab-separated: ABI, call, "2/3". Printable.
std::string CountLines(const CallCounts& counts);
// {"per": "run", "of": 3, "names": [...], "calls": [{"abi", "call", "seen", "in": [...]}]}. Printable.
json::Value CountsJson(const CallCounts& counts);

}  // namespace whittle::evidence
