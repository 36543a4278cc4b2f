// The best profile of the catalogue for what evidence shows, and whether one of its own is worth it. Pure;
// thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advise/score.h"
#include "advise/surface.h"
#include "base/result.h"
#include "evidence/evidence.h"
#include "optimize/generate.h"
#include "optimize/verify.h"
#include "profile/target.h"

namespace whittle::advise {

enum class Works {
  kYes,      // what the evidence shows passes, and so does what the runtime needs
  kPerhaps,  // what passes depends on arguments, which evidence does not have
  kNo,       // something would be refused, or the target installs no filter of it
};
std::string_view WorksName(Works works);  // "yes", "perhaps", "no"

struct Candidate {
  std::string_view name, summary;
  Works works = Works::kNo;
  bool protects = false;  // it refuses some call
  optimize::Verification verification;
  Score score;                           // without meaning where the target installs no filter
  std::vector<std::string_view> beyond;  // calls that pass and that the custom profile does not let pass
};

struct Recommendation {
  std::vector<Candidate> candidates;  // those that work and protect first, then by points
  optimize::Generated custom;         // what `generate` makes of the evidence
  Score custom_score;
  std::vector<std::string> doubts;  // of the evidence, the runtime and the best one's version; a line each

  // Works for certain, and protects; null if none does.
  const Candidate* best() const;
  uint64_t saved() const;  // points of the best one (unfiltered, if there is none) that the custom one saves
  bool worth_it() const;   // these are kWorthPercent of them at least
};
inline constexpr uint64_t kWorthPercent = 10;

// Errors: those of Generate().
Result<Recommendation> Recommend(const evidence::Evidence& evidence, const optimize::Options& options);

}  // namespace whittle::advise
