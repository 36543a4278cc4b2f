// What a profile on a target, or filters as they are, say of a call of whose arguments little or nothing is
// known. Pure; not thread safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "evidence/evidence.h"
#include "filter/compile.h"
#include "profile/action.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::optimize {

// Which rule, counted from 0: "rule 2 (web.json:7)"; "rule 2" where no file that a person has holds it.
std::string RuleText(const profile::Document& document, size_t rule);

// An action with its data. Not inside of Answer: clang takes no such struct into an optional there.
struct OneVerdict {
  profile::Action action = profile::Action::kAllow;
  uint16_t data = 0;
};

struct Answer {
  enum class Kind { kAllowed, kRefused, kDepends };
  Kind kind = Kind::kAllowed;
  std::string verdict;  // "ERRNO(1)", "LOG"; of kDepends: all that are possible, "ALLOW or ERRNO(1)"
  // The errno of every refusal, if all have the same; 0 otherwise.
  uint32_t error = 0;
  // Which rule of the file, which default or habit of the target, or which filter; empty if kAllowed. Of
  // kDepends who refuses; where that is the default action alone, the rules before it: "rule 7, else the
  // default action".
  std::string by;
  // Where the arguments are known: those that are not let pass, "(AF_VSOCK, SOCK_STREAM)"; of several one.
  std::string with = {};
  // The first of them in the file: the rule, or what stands behind "defaultAction"; {0, 0} if it is in no
  // file.
  json::Position at = {};
  // The verdict itself that `verdict` is the text of, if it is the same whatever the arguments that are not
  // known.
  std::optional<OneVerdict> only = {};
  bool decided = true;  // else there may be others than those in `verdict`
};

class Judge {
 public:
  // A profile on a target. The filter is compiled once. Errors: kBadInput if it would be too large for the
  // kernel.
  static Result<Judge> Create(const profile::Document& document, const profile::Target& target);
  // Filters as they are, first installed first; none: kUnconfined. Errors: kBadInput for a program that the
  // kernel would not take.
  static Result<Judge> Create(const std::vector<filter::Program>& programs);
  ~Judge();
  Judge(Judge&&) noexcept;
  Judge& operator=(Judge&&) noexcept;

  // kFiltered, or why there is no filter to ask. Of filters as they are nothing else.
  const filter::Compiled& compiled() const;
  // Must be kFiltered. `flags`: what is known of a clone's. `arguments`: where they are known, kRefused means
  // that some of them are refused. Errors: kInternal if the compiled filter contradicts the document's
  // meaning.
  Result<Answer> Ask(Abi abi, uint32_t number, evidence::CloneFlags flags = evidence::CloneFlags::kUnknown,
                     const evidence::Arguments& arguments = {}) const;

 private:
  class Judged;
  class JudgedProfile;
  class JudgedFilters;
  explicit Judge(std::unique_ptr<Judged> judged);
  std::unique_ptr<Judged> judged_;
};

}  // namespace whittle::optimize
