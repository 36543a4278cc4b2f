// Documents to filters, for a target. Pure; thread safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "filter/passes.h"
#include "filter/program.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::filter {

struct Meaning;

// What a compiled document is.
struct Compiled {
  enum class State {
    kFiltered,    // `program` is what the target installs
    kUnconfined,  // the target would install no filter at all; `why` says so
    kRefused,     // the target does not take the document; `why` is its reason
  };
  State state = State::kFiltered;
  Program program;
  std::shared_ptr<const Meaning> meaning;  // what the program was made of (meaning.h); refers to nothing else
  std::string why;
  std::string where;  // what `why` is about: "FILE:LINE:COLUMN: POINTER", or the file
  std::vector<std::string>
      ignored;  // members that the loader does not know and ignores: "defaultErrnoRet", ...
  std::vector<std::string> warnings;  // why the target may yet not be able to install it

  std::string LocatedWhy() const { return where.empty() ? why : where + ": " + why; }
};

// The filter that means what the target makes of the document, its quirks included: rules dropped as
// redundant, conditions on one index ORed, unknown names skipped, members ignored, runc's ENOSYS stub, an
// unlisted ABI killed. It is not instruction for instruction what the runtime builds; it gives the same
// verdict for every call, whichever passes are made. Errors: kBadInput if the filter would exceed the
// kernel's 4096 instructions.
Result<Compiled> Compile(const profile::Document& document, const profile::Target& target,
                         PassSet passes = PassSet::All());

// The program of a meaning that was made of the document already. Errors: as Compile().
Result<Program> ProgramOf(const Meaning& meaning, const profile::Document& document, PassSet passes);

}  // namespace whittle::filter
