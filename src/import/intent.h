// What a policy intends, as evidence: nobody saw the calls that it lists. Each becomes a sighting with the
// fate that the policy has for it; that it is intent only, and what evidence cannot hold of a policy, are
// gaps. Not thread safe.
#pragma once

#include <span>
#include <string>

#include "import/format.h"
#include "profile/action.h"
#include "profile/document.h"

namespace whittle::import {

class Intent {
 public:
  explicit Intent(Tally& tally) : tally_(tally) {}

  enum class Arguments { kAny, kSome };  // does the policy look at arguments?
  // `values`: of kSome those for which it has this fate; not known where evidence cannot hold them.
  void Add(const std::string& container, Abi abi, uint32_t number, profile::Action action,
           Arguments arguments, const evidence::Arguments& values = {});
  // What is not listed is allowed, too.
  void AllowsTheRest() { open_ = true; }
  // Gaps and warnings about all that was added.
  void End();

 private:
  Tally& tally_;
  bool any_ = false;
  bool open_ = false;
  std::set<std::string> conditional_;  // allowed with some arguments only, which evidence cannot hold
};

// The values that conditions ask for, all of one rule: known if they say of each argument that evidence
// keeps, and of no other, which one it must be.
evidence::Arguments ValuesOf(Abi abi, uint32_t number, std::span<const profile::Condition> conditions);

// What becomes of a call that a filter answers so.
evidence::Fate FateOf(profile::Action action);

}  // namespace whittle::import
