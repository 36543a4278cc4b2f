// What a profile refuses of a workload though nothing breaks: calls that its programs were measured to do
// without (data/does_without.csv). Pure; thread safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "optimize/judge.h"
#include "optimize/verify.h"
#include "syscalls/facts.h"

namespace whittle::advise {

struct Spared {
  std::string executable;
  std::string_view call;  // the fact's, or one that is moot by it
  uint32_t number = 0;
  const Dispensable* fact;

  bool is_moot() const { return call != fact->call; }
};

// Of what is refused. The answer has to be the one that was measured, and what the program calls then has to
// pass; what it calls no more then may be refused by any answer.
Result<std::vector<Spared>> SparedOf(const optimize::Verification& verification,
                                     const optimize::Judge& judge);
bool Spares(const std::vector<Spared>& spared, const optimize::Finding& finding);

}  // namespace whittle::advise
