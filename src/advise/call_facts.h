// All that the tables know about one call. Pure; thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "optimize/baseline.h"
#include "optimize/essentials.h"
#include "optimize/judge.h"
#include "profile/target.h"
#include "syscalls/abi.h"
#include "syscalls/arguments.h"
#include "syscalls/constants.h"
#include "syscalls/facts.h"
#include "syscalls/purpose.h"

namespace whittle::advise {

struct CallNumber {
  Abi abi = Abi::kX86_64;
  uint32_t number = 0;
};

struct ArgumentFacts {
  ArgumentKind kind = ArgumentKind::kUnknown;
  std::optional<NamedValues> named;
};

// A call that does its job, or reaches the same end.
struct OtherWay {
  std::string_view call;
  std::string_view reason;  // empty: that one is taken for the other is known only the other way round
};

// What a runtime of the measured ones makes of it.
struct RuntimeUse {
  std::string runtime;                             // "runc 1.1.5"
  std::string phase;                               // "start", "exec"
  optimize::Need need = optimize::Need::kUnknown;  // of starts: the strongest, with and without no_new_privs
};

// What a profile of the catalogue answers to it on the target.
struct CatalogueAnswer {
  std::string_view profile;
  bool filtered = true;  // false: the target installs no filter of it
  optimize::Answer answer;
};

struct CallFacts {
  std::string_view name;
  std::optional<std::string_view> meaning;  // what follows "it wanted to"
  std::string_view group;
  std::vector<CallNumber> numbers;
  std::vector<Abi> absent;               // ABIs that lack it
  std::vector<ArgumentFacts> arguments;  // on the target's ABI; empty if that lacks it
  std::vector<RuntimeUse> runtimes;
  std::vector<StartNeed> start_needs;
  std::vector<std::string_view> any_program;    // why each program may make it
  std::vector<optimize::Essential> essentials;  // why generated profiles allow it though it was not seen
  std::optional<Fallback> fallback;             // what programs take if it answers ENOSYS
  std::vector<OtherWay> fallback_of;            // calls for whose ENOSYS it is taken
  std::vector<OtherWay> equivalents;            // what libraries take in its place, both ways
  std::vector<OtherWay> detours;                // what reaches the same end
  std::optional<Risk> risk;
  std::string_view capability;  // empty: none is noted
  std::vector<CvePair> flaws;
  std::vector<CatalogueAnswer> catalogue;  // empty if the target's ABI lacks the call
};

// `name` must be a call of some ABI. Errors: those of profiles that do not compile for the target.
Result<CallFacts> FactsOfCall(std::string_view name, const profile::Target& target);

}  // namespace whittle::advise
