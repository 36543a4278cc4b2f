// What `whittle explain` says of a call or of a profile, for people and for scripts. Pure; thread safe. Names
// of files and rules may be anyone's: the text makes them printable.
#pragma once

#include <string>
#include <vector>

#include "advise/call_facts.h"
#include "advise/flaws.h"
#include "advise/score.h"
#include "advise/surface.h"
#include "base/json.h"
#include "filter/compile.h"
#include "profile/target.h"

namespace whittle::report {

std::string CallText(const advise::CallFacts& facts, const profile::Target& target);
// docs/explain.md has the members.
json::Value CallJson(const advise::CallFacts& facts, const profile::Target& target);

struct ExplainedProfile {
  std::string name;    // as the user gave it
  std::string target;  // "docker 28.5.2, ..."; empty for filters as they are
  filter::Compiled compiled;
  advise::Surface surface;
  advise::Score score;
  std::vector<advise::Flaw> flaws;
};

std::string ProfileText(const ExplainedProfile& profile);
json::Value ProfileJson(const ExplainedProfile& profile);

// "512 of 4270 points (12.0 %)", and the same with its parts for scripts: also for `recommend`.
std::string PointsText(const advise::Score& score);
json::Value ScoreJson(const advise::Score& score);

}  // namespace whittle::report
