// What has to change in a profile so that calls pass: tried on the document itself, and asked of what the
// target makes of it. A rule that allows has no effect beside one that refuses the same call. Pure; thread
// safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "filter/program.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::advise {

struct LetPass {
  bool passes = false;  // as the document is: nothing has to change
  // Calls to be taken out of rules that would go on refusing them: "take kill out of rule 2 (web.json:7)".
  std::vector<std::string> take_out;
  bool add = false;     // a rule that allows is needed
  bool proven = false;  // the changed document lets the calls pass; else nothing of this helps
  std::string still;    // of what is not proven: "mkdir still gets ERRNO(38)"
};

// To let the calls pass whatever their arguments, on every architecture that the profile is in force for.
// Errors: as of optimize::Judge.
Result<LetPass> ChangesToLetPass(const profile::Document& document, const profile::Target& target,
                                 const std::vector<std::string>& calls);

// To let one call pass by `rule`, one entry of "syscalls": at least this call, with its arguments.
Result<LetPass> ChangesToLetPass(const profile::Document& document, const profile::Target& target,
                                 const filter::Call& call, const profile::Rule& rule);

// True if `whittle profile new --add` makes a profile of it that lets the calls pass.
Result<bool> AddingLetsPass(const profile::Document& document, const profile::Target& target,
                            const std::vector<std::string>& calls);

}  // namespace whittle::advise
