// What a pass of `generate` is: a step that adds to the plan and says so. To add one: write passes/NAME.cc,
// declare it here, and put it where it belongs into the list in generate.cc.
#pragma once

#include <string_view>

#include "optimize/generate.h"

namespace whittle::optimize {

// What the passes work on. Later passes see what earlier ones did.
struct Plan {
  const evidence::Evidence& evidence;
  const Options& options;
  std::set<Abi> abis;  // that the profile lists; the native one always
  std::string baseline_comment;
  std::set<std::string> with_any_arguments;  // calls that are granted for other reasons than being seen, too
  Generated result;
};

struct Pass {
  std::string_view name;
  Result<void> (*run)(Plan& plan);
};

Result<void> KeepWorkload(Plan& plan);
Result<void> WarnOfDoubts(Plan& plan);
Result<void> ListRefused(Plan& plan);
Result<void> ListOpenedElsewhere(Plan& plan);
Result<void> AddEssentials(Plan& plan);
Result<void> AddBaseline(Plan& plan);
Result<void> AddEquivalents(Plan& plan);
Result<void> NarrowClone(Plan& plan);
Result<void> NarrowArguments(Plan& plan);
Result<void> ChooseAnswers(Plan& plan);
Result<void> WriteDocument(Plan& plan);
Result<void> CheckItself(Plan& plan);

// True if the profile has to let such a call pass.
bool IsWanted(const Plan& plan, const evidence::CallKey& key);

// Adds a grant unless the call has one.
void GrantCall(Plan& plan, std::string_view call, Grant grant);
// True if some ABI of the profile has the call.
bool AnyAbiHas(const Plan& plan, std::string_view call);
// True if one of them is also among `abis`, as tables of facts name them: "all", "32", "64", or names with
// blanks between.
bool ConcernsAnAbi(const Plan& plan, std::string_view call, std::string_view abis);

}  // namespace whittle::optimize
