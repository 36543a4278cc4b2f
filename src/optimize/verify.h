// Would a workload that does what the evidence says still work under a profile, or under filters as they are?
// Every observation is run through the filter that the target makes of the profile, and so is what the
// runtime itself calls at a start. Pure; thread safe.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "evidence/evidence.h"
#include "filter/compile.h"
#include "optimize/baseline.h"
#include "optimize/judge.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::optimize {

// An observation that the profile would not let pass.
struct Finding {
  evidence::Subject subject;
  Abi abi = Abi::kX86_64;
  uint32_t number = 0;
  Answer answer;
  int64_t first_ms = 0;  // wall clock, to an epoch's length
  int64_t last_ms = 0;
};

// A call of the runtime, and what the filter says of it.
using RefusedRow = std::pair<BaselineRow, Answer>;

// Which runtime's own calls are checked: nothing given, those that are known for the target.
struct RuntimeCalls {
  std::optional<Baseline> next;  // of the runtime that will load the profile
  std::optional<Baseline>
      now;  // of the one under which it is known to work: what that needs, too, is no news
};

struct Verification {
  filter::Compiled::State state = filter::Compiled::State::kFiltered;
  std::string why;               // of a state that is not kFiltered; nothing else is filled in then
  uint64_t observations = 0;     // checked: the workload's calls that were let pass when recorded
  uint64_t already_refused = 0;  // the workload's calls that a filter refused when recorded: not checked
  uint64_t by_fallback = 0;  // clone3 that is answered ENOSYS while clone, which libcs take then, is let pass
  uint64_t arrived = 0;      // calls of what came from outside: not checked, the baseline stands for them
  std::string other_machine;  // OtherMachineText() of the evidence; empty for filters as they are installed
  uint64_t gaps = 0;          // of the evidence: what they hid is not checked
  std::vector<Finding> refused;
  std::vector<Finding> depends;  // on arguments, which the evidence does not know
  Baseline baseline;
  // Calls of the runtime that the profile refuses, or lets pass for some arguments only. Of these: without
  // `baseline_refused` no container starts, with nothing in its logs; `baseline_tolerated` are left out of a
  // start without harm, or are needed only for docker exec and health checks, which the evidence does not
  // show.
  std::vector<RefusedRow> baseline_refused;
  std::vector<RefusedRow> baseline_tolerated;
  // What the runtime that is used now needs, too, and gets along without. Only with RuntimeCalls::now.
  Baseline baseline_now;
  std::vector<RefusedRow> baseline_refused_now;

  // Of `baseline_refused` those that get this answer: kRefused, kDepends.
  std::vector<RefusedRow> baseline_refused_as(Answer::Kind kind) const;
  bool passed() const {
    return state == filter::Compiled::State::kFiltered && refused.empty() && depends.empty() &&
           baseline_refused.empty();
  }
};

// `target`: whose runtime's calls are checked.
Result<Verification> Verify(const Judge& judge, const profile::Target& target,
                            const evidence::Evidence& evidence, const RuntimeCalls& runtime = {});
Result<Verification> Verify(const profile::Document& document, const profile::Target& target,
                            const evidence::Evidence& evidence, const RuntimeCalls& runtime = {});

// Errors: kBadInput if the evidence has no call of a workload, so that nothing can be concluded from it.
Result<void> NeedWorkload(const evidence::Evidence& evidence);

// The numbers of the ABI's known calls that the profile lets pass with some arguments at least.
Result<std::set<uint32_t>> OpenCalls(const Judge& judge, Abi abi);

}  // namespace whittle::optimize
