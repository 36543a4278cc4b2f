// The best profile of the catalogue for each container of evidence, which of its programs ask for it, and
// whether one of its own is worth it. A profile is installed for a container: that is the choice that counts.
// Pure; thread safe.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advise/score.h"
#include "advise/spared.h"
#include "advise/surface.h"
#include "base/result.h"
#include "evidence/evidence.h"
#include "optimize/generate.h"
#include "optimize/verify.h"
#include "profile/target.h"

namespace whittle::advise {

enum class Works {
  kYes,      // what the evidence shows passes, and so does what the runtime needs
  kWithout,  // all that would be refused is what the programs were measured to do without
  kPerhaps,  // of the rest, what passes depends on arguments, which the evidence does not tell
  kNo,       // something else would be refused, or the target installs no filter of it
};
std::string_view WorksName(Works works);  // "yes", "without", "perhaps", "no"

// A profile that does not suit, with the few calls let pass that it lacks: made as `whittle profile
// new --add` makes it, and tried on the evidence.
struct Amended {
  std::vector<std::string> added;
  std::vector<Spared> spared;  // of what is still refused
  Score score;
};

struct Candidate {
  std::string_view name, summary;
  Works works = Works::kNo;
  bool protects = false;  // it refuses some call
  optimize::Verification verification;
  std::vector<Spared> spared;            // of what is refused
  Score score;                           // without meaning where the target installs no filter
  std::vector<std::string_view> beyond;  // calls that pass and that the custom profile does not let pass
  std::vector<Abi> beyond_abis;          // other ABIs of which some call passes, and none of the custom one's
  std::set<std::string> missing;   // calls of workload and runtime that do not pass whatever their arguments
  std::optional<Amended> amended;  // that works, and is tighter than the recommended one

  bool filtered() const { return verification.state == filter::Compiled::State::kFiltered; }
  // All is let pass, or done without; and it protects.
  bool suits() const { return protects && (works == Works::kYes || works == Works::kWithout); }
  // Of what is refused that of which nobody knows a program that does without.
  std::vector<optimize::Finding> missed() const;
};

// A program of the container.
struct Program {
  std::string executable;
  evidence::Scripts scripts;
  std::string_view alone;    // the tightest profile that would suit it alone; empty: none
  std::string_view without;  // the one for the container without it, where that is tighter; empty: it is not
};

struct Recommendation {
  std::string container;
  std::vector<Candidate> candidates;  // those that suit first, then by points
  std::vector<Program> programs;      // of the workload
  optimize::Generated custom;         // what `generate` makes of the container's evidence
  Score custom_score;
  bool is_elsewhere = false;        // the evidence is of other machines only: nothing is sure on this one
  std::vector<std::string> doubts;  // of the evidence, the runtime and the best one's version; a line each

  // The first that suits; null if none does.
  const Candidate* best() const;
  const Candidate* named(std::string_view name) const;  // null if there is none
  uint64_t saved() const;  // points of the best one (unfiltered, if there is none) that the custom one saves
  bool worth_it() const;   // these are kWorthPercent of them at least
};
inline constexpr uint64_t kWorthPercent = 10;
inline constexpr size_t kFewCalls = 12;  // that an amended profile adds at most

struct Recommendations {
  std::vector<Recommendation> containers;  // that have a workload in the evidence, by name
  std::vector<std::string> silent;         // of which only what came from outside was seen
};

// Errors: those of Generate(), of evidence without any workload.
Result<Recommendations> Recommend(const evidence::Evidence& evidence, const optimize::Options& options);

}  // namespace whittle::advise
