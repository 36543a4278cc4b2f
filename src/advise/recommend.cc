#include "advise/recommend.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "profile/catalogue.h"
#include "profile/document.h"

namespace whittle::advise {
namespace {

using filter::Compiled;
using optimize::Verification;

Works WorksOf(const Verification& verification) {
  if (verification.passed()) return Works::kYes;
  const bool only_depends = verification.state == Compiled::State::kFiltered &&
                            verification.refused.empty() && verification.baseline_refused.empty();
  return only_depends ? Works::kPerhaps : Works::kNo;
}

std::vector<std::string_view> Passing(const Surface& surface) {
  std::vector<std::string_view> names;
  for (const auto& call : surface.calls) {
    if (call.passes()) names.push_back(call.name);
  }
  return names;
}

Result<Candidate> CandidateOf(const profile::CatalogueEntry& entry, const evidence::Evidence& evidence,
                              const optimize::Options& options, const Surface& custom) {
  const auto& target = options.target;
  const auto document = TRY(profile::ReadCatalogue(entry.name));
  const auto judge = TRY(optimize::Judge::Create(document, target));
  Candidate candidate{entry.name, entry.summary, Works::kNo, false, {}, {}, {}};
  candidate.verification =
      TRY(optimize::Verify(judge, target, evidence, optimize::RuntimeCalls{options.baseline, {}}));
  candidate.works = WorksOf(candidate.verification);
  if (candidate.verification.state != Compiled::State::kFiltered) return candidate;
  const auto surface = TRY(SurfaceOf(judge, target.arch));
  candidate.score = ScoreOf(surface);
  const auto open = Passing(surface);
  candidate.protects = open.size() < surface.calls.size();
  std::ranges::set_difference(open, Passing(custom), std::back_inserter(candidate.beyond));
  return candidate;
}

}  // namespace

std::string_view WorksName(Works works) {
  return works == Works::kYes ? "yes" : works == Works::kPerhaps ? "perhaps" : "no";
}

const Candidate* Recommendation::best() const {
  const bool any =
      !candidates.empty() && candidates.front().works == Works::kYes && candidates.front().protects;
  return any ? &candidates.front() : nullptr;
}

uint64_t Recommendation::saved() const {
  const auto* taken = best();
  const uint64_t points = taken != nullptr ? taken->score.points : custom_score.most;
  return points > custom_score.points ? points - custom_score.points : 0;
}

bool Recommendation::worth_it() const {
  const auto* taken = best();
  return taken == nullptr || saved() * 100 >= taken->score.points * kWorthPercent;
}

Result<Recommendation> Recommend(const evidence::Evidence& evidence, const optimize::Options& options) {
  Recommendation made;
  made.custom = TRY(optimize::Generate(evidence, options));
  const auto judge = TRY(optimize::Judge::Create(made.custom.document, options.target));
  const auto custom = TRY(SurfaceOf(judge, options.target.arch));
  made.custom_score = ScoreOf(custom);
  for (const auto& entry : profile::Catalogue())
    made.candidates.push_back(TRY(CandidateOf(entry, evidence, options, custom)));
  std::ranges::stable_sort(made.candidates, {}, [](const Candidate& candidate) {
    const bool filtered = candidate.verification.state == Compiled::State::kFiltered;
    return std::tuple(!(candidate.works == Works::kYes && candidate.protects), candidate.works, !filtered,
                      candidate.score.points);
  });
  made.doubts = made.custom.warnings;
  const auto* best = made.best();
  const auto other = best != nullptr ? profile::OtherVersionText(best->name, options.target) : std::string();
  if (!other.empty()) made.doubts.push_back(other);
  return made;
}

}  // namespace whittle::advise
