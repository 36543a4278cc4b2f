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

// What a compiled document is.
struct Compiled {
  enum class State {
    kFiltered,    // `program` is what the target installs
    kUnconfined,  // the target would install no filter at all; `why` says so
    kRefused,     // the target does not take the document; `why` is its reason
  };
  State state = State::kFiltered;
  Program program;
  std::string why;
  std::vector<std::string>
      ignored;  // members that the loader does not know and ignores: "defaultErrnoRet", ...
  std::vector<std::string> warnings;  // why the target may yet not be able to install it
};

// The filter that means what the target makes of the document, its quirks included: rules dropped as
// redundant, conditions on one index ORed, unknown names skipped, members ignored, runc's ENOSYS stub, an
// unlisted ABI killed. It is not instruction for instruction what the runtime builds; it gives the same
// verdict for every call, whichever passes are made. Errors: kBadInput if the filter would exceed the
// kernel's 4096 instructions.
Result<Compiled> Compile(const profile::Document& document, const profile::Target& target,
                         PassSet passes = PassSet::All());

// Why a call gets its verdict.
struct Explanation {
  Verdict verdict;
  int rule = -1;      // index into document.rules; -1: no rule of the document decided
  std::string quirk;  // which default, or which habit of the target, decided instead; empty if a rule did
};

// Answers many calls of one document. Movable; thread safe once created.
class Explainer {
 public:
  // Errors: as Compile; kBadInput also where there is no filter (unconfined, refused).
  static Result<Explainer> Create(const profile::Document& document, const profile::Target& target);
  ~Explainer();
  Explainer(Explainer&&) noexcept;
  Explainer& operator=(Explainer&&) noexcept;

  // Errors: kInternal if the filter does not do what the document means.
  Result<Explanation> Explain(const Call& call) const;

 private:
  struct Parts;
  explicit Explainer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

Result<Explanation> Explain(const profile::Document& document, const profile::Target& target,
                            const Call& call);

}  // namespace whittle::filter
