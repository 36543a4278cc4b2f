// Why a call gets its verdict: which rule of the document decided, or which habit of the target, and what
// became of the rules that name the call, hold of it as they are written, and yet did not decide. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "filter/compile.h"
#include "filter/program.h"
#include "filter/quirk.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::filter {

// A rule that holds of the call as it is written, but did not decide.
struct Loser {
  int rule = -1;  // index into document.rules
  Quirk habit = Quirk::kNone;
  std::string member;  // of Quirk::kIgnoredMember
};

struct Explanation {
  Verdict verdict;
  int rule = -1;      // index into document.rules; -1: no rule of the document decided
  std::string quirk;  // which default or habit of the target decided; also one without which the rule would
                      // not have; empty if a rule decided as it is written
  std::vector<Loser> losers;  // by rule; none where a stub, or an ABI that is not listed, decides
};

// "rule 4 names it, but redundant-rule: ...; ...": up to three, and how many more. Empty for none.
std::string LosersText(const std::vector<Loser>& losers);

// Answers many calls of one document. Movable; thread safe once created.
class Explainer {
 public:
  // `compiled` is of the document. Errors: kBadInput where there is no filter (unconfined, refused).
  static Result<Explainer> Create(const profile::Document& document, const Compiled& compiled);
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

// Errors: as Compile() and Create(), too.
Result<Explanation> Explain(const profile::Document& document, const profile::Target& target,
                            const Call& call);

}  // namespace whittle::filter
