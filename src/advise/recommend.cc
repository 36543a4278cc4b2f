#include "advise/recommend.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "evidence/by_container.h"
#include "profile/catalogue.h"
#include "profile/document.h"
#include "profile/edit.h"
#include "syscalls/table.h"

namespace whittle::advise {
namespace {

using evidence::Arrival;
using evidence::Evidence;
using filter::Compiled;
using optimize::Finding;
using optimize::Verification;

// A profile of the catalogue on the target: the same for every container.
struct Judged {
  const profile::CatalogueEntry* entry;
  profile::Document document;
  optimize::Judge judge;
  Surface surface;  // empty where the target installs no filter
  Score score;
  bool protects = false;
};

std::vector<std::string_view> Passing(const Surface& surface) {
  std::vector<std::string_view> names;
  for (const auto& call : surface.calls) {
    if (call.passes()) names.push_back(call.name);
  }
  return names;
}

Result<Judged> JudgedEntry(const profile::CatalogueEntry& entry, const profile::Target& target) {
  auto document = TRY(profile::ReadCatalogue(entry.name));
  auto judge = TRY(optimize::Judge::Create(document, target));
  Judged judged{&entry, std::move(document), std::move(judge), {}, {}, false};
  if (judged.judge.compiled().state != Compiled::State::kFiltered) return judged;
  judged.surface = TRY(SurfaceOf(judged.judge, target.arch));
  judged.score = ScoreOf(judged.surface);
  judged.protects = Passing(judged.surface).size() < judged.surface.calls.size();
  return judged;
}

Result<std::vector<Judged>> JudgedCatalogue(const profile::Target& target) {
  std::vector<Judged> all;
  for (const auto& entry : profile::Catalogue()) all.push_back(TRY(JudgedEntry(entry, target)));
  return all;
}

// --- Does it work?

std::vector<Finding> MissedOf(const Verification& verification, const std::vector<Spared>& spared) {
  std::vector<Finding> missed;
  std::ranges::copy_if(verification.refused, std::back_inserter(missed),
                       [&](const Finding& finding) { return !Spares(spared, finding); });
  return missed;
}

Works WorksOf(const Verification& verification, const std::vector<Spared>& spared) {
  if (verification.passed()) return Works::kYes;
  const bool breaks = verification.state != Compiled::State::kFiltered ||
                      !MissedOf(verification, spared).empty() ||
                      !verification.baseline_refused_as(optimize::Answer::Kind::kRefused).empty();
  if (breaks) return Works::kNo;
  const bool depends = !verification.depends.empty() || !verification.baseline_refused.empty();
  return depends ? Works::kPerhaps : Works::kWithout;
}

// Of the runtime and of these findings.
std::set<std::string> NamesOf(const Verification& verification, const std::vector<Finding>& refused) {
  std::set<std::string> names;
  for (const auto* findings : {&refused, &verification.depends}) {
    for (const auto& finding : *findings) names.insert(SyscallText(finding.abi, finding.number));
  }
  for (const auto& [row, answer] : verification.baseline_refused) names.insert(row.call);
  return names;
}

// A profile that protects and under which a container of that runtime starts, with the programs that it does
// not suit: of what was found for the whole container.
struct Runnable {
  const Candidate* candidate;
  std::set<std::string> misses;  // executables

  bool WorksFor(const std::string& executable) const { return !misses.contains(executable); }
  bool WorksWithout(const std::string& executable) const {
    return misses.size() == (misses.contains(executable) ? 1 : 0);
  }
};

std::vector<Runnable> RunnableOf(const std::vector<Candidate>& candidates) {
  std::vector<Runnable> all;
  for (const auto& candidate : candidates) {
    const auto& verification = candidate.verification;
    if (!candidate.protects || !candidate.filtered() || !verification.baseline_refused.empty()) continue;
    auto& misses = all.emplace_back(Runnable{&candidate, {}}).misses;
    for (const auto& findings : {candidate.missed(), verification.depends}) {
      for (const auto& finding : findings) misses.insert(finding.subject.executable);
    }
  }
  return all;
}

const Candidate* TightestFor(const std::vector<Runnable>& runnable,
                             bool (Runnable::*works)(const std::string&) const,
                             const std::string& executable) {
  const Candidate* tightest = nullptr;
  for (const auto& one : runnable) {
    if (!(one.*works)(executable)) continue;
    if (tightest == nullptr || one.candidate->score.points < tightest->score.points) tightest = one.candidate;
  }
  return tightest;
}

Result<Candidate> CandidateOf(const Judged& judged, const Evidence& evidence,
                              const optimize::Options& options, const Surface& custom) {
  Candidate candidate{
      judged.entry->name, judged.entry->summary, Works::kNo, judged.protects, {}, {}, {}, {}, {}, {},
      std::nullopt};
  candidate.verification = TRY(
      optimize::Verify(judged.judge, options.target, evidence, optimize::RuntimeCalls{options.baseline, {}}));
  candidate.spared = TRY(SparedOf(candidate.verification, judged.judge));
  candidate.works = WorksOf(candidate.verification, candidate.spared);
  candidate.missing = NamesOf(candidate.verification, candidate.verification.refused);
  candidate.score = judged.score;
  std::ranges::set_difference(Passing(judged.surface), Passing(custom), std::back_inserter(candidate.beyond));
  for (const Abi abi : judged.surface.other_abis) {
    if (std::ranges::find(custom.other_abis, abi) == custom.other_abis.end())
      candidate.beyond_abis.push_back(abi);
  }
  return candidate;
}

// --- What little would make it work

// Points below which a profile is worth naming.
uint64_t PointsToBeat(const Recommendation& made) {
  return made.best() != nullptr ? made.best()->score.points : made.custom_score.most;
}

// A clone whose flags are not known passes perhaps; letting it pass with all flags would open namespaces for
// a doubt.
bool LacksCloneForDoubt(const Verification& verification) {
  const auto is_clone = [](const Finding& finding) {
    return SyscallText(finding.abi, finding.number) == "clone";
  };
  return std::ranges::any_of(verification.depends, is_clone) &&
         std::ranges::none_of(verification.refused, is_clone);
}

Result<std::optional<Amended>> AmendedOf(const Judged& judged, const Candidate& candidate,
                                         const Evidence& evidence, const optimize::Options& options,
                                         uint64_t points_to_beat) {
  std::optional<Amended> amended;
  const auto lacking = NamesOf(candidate.verification, candidate.missed());
  const bool few = !lacking.empty() && lacking.size() <= kFewCalls;
  if (LacksCloneForDoubt(candidate.verification)) return amended;
  if (!few || !candidate.protects || candidate.score.points >= points_to_beat) return amended;
  std::vector<std::string> calls(lacking.begin(), lacking.end());
  const auto edited = profile::Apply(judged.document, {{}, calls, {}});
  if (!edited) return amended;  // a number without a name
  const auto judge = TRY(optimize::Judge::Create(edited->document, options.target));
  const auto tried =
      TRY(optimize::Verify(judge, options.target, evidence, optimize::RuntimeCalls{options.baseline, {}}));
  auto spared = TRY(SparedOf(tried, judge));
  if (WorksOf(tried, spared) > Works::kWithout) return amended;
  auto score = ScoreOf(TRY(SurfaceOf(judge, options.target.arch)));
  if (score.points < points_to_beat) amended = Amended{std::move(calls), std::move(spared), std::move(score)};
  return amended;
}

// --- Program by program

std::vector<Program> ProgramsOf(const Evidence& evidence, const Recommendation& made) {
  std::map<std::string, evidence::Scripts> programs;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (subject.arrival != Arrival::kWorkload) continue;
    auto& scripts = programs[subject.executable];
    const auto known = evidence.scripts.find(subject);
    if (known != evidence.scripts.end()) scripts.insert(known->second.begin(), known->second.end());
  }
  const auto runnable = RunnableOf(made.candidates);
  std::vector<Program> list;
  for (auto& [executable, scripts] : programs) {
    const auto* alone = TightestFor(runnable, &Runnable::WorksFor, executable);
    const auto* without =
        programs.size() > 1 ? TightestFor(runnable, &Runnable::WorksWithout, executable) : nullptr;
    const bool tighter = without != nullptr && without->score.points < PointsToBeat(made);
    list.push_back({executable, std::move(scripts), alone == nullptr ? std::string_view() : alone->name,
                    tighter ? without->name : std::string_view()});
  }
  return list;
}

// --- All of it for one container

void Sort(std::vector<Candidate>& candidates) {
  std::ranges::stable_sort(candidates, {}, [](const Candidate& candidate) {
    const bool suits = candidate.suits();
    return std::tuple(!suits, suits ? Works::kYes : candidate.works, !candidate.filtered(),
                      candidate.score.points, candidate.works);
  });
}

Result<Recommendation> RecommendFor(const std::string& container, const Evidence& evidence,
                                    const std::vector<Judged>& catalogue, const optimize::Options& options) {
  Recommendation made;
  made.container = container;
  made.custom = TRY(optimize::Generate(evidence, options));
  const auto judge = TRY(optimize::Judge::Create(made.custom.document, options.target));
  const auto custom = TRY(SurfaceOf(judge, options.target.arch));
  made.custom_score = ScoreOf(custom);
  for (const auto& judged : catalogue)
    made.candidates.push_back(TRY(CandidateOf(judged, evidence, options, custom)));
  Sort(made.candidates);
  for (auto& candidate : made.candidates) {
    const auto judged =
        std::ranges::find_if(catalogue, [&](const Judged& one) { return one.entry->name == candidate.name; });
    candidate.amended = TRY(AmendedOf(*judged, candidate, evidence, options, PointsToBeat(made)));
  }
  made.programs = ProgramsOf(evidence, made);
  made.is_elsewhere = !optimize::OtherMachineText(evidence, options.target.arch).empty();
  made.doubts = made.custom.warnings;
  const auto* best = made.best();
  const auto other = best != nullptr ? profile::OtherVersionText(best->name, options.target) : std::string();
  if (!other.empty()) made.doubts.push_back(other);
  return made;
}

bool HasWorkload(const Evidence& evidence) {
  return std::ranges::any_of(evidence.subjects, [](const auto& entry) {
    return entry.first.arrival == Arrival::kWorkload && !entry.second.empty();
  });
}

}  // namespace

std::string_view WorksName(Works works) {
  constexpr std::string_view kNames[] = {"yes", "without", "perhaps", "no"};
  return kNames[static_cast<size_t>(works)];
}

std::vector<Finding> Candidate::missed() const { return MissedOf(verification, spared); }

const Candidate* Recommendation::best() const {
  return !candidates.empty() && candidates.front().suits() ? &candidates.front() : nullptr;
}

const Candidate* Recommendation::named(std::string_view name) const {
  const auto found = std::ranges::find(candidates, name, &Candidate::name);
  return found == candidates.end() ? nullptr : &*found;
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

Result<Recommendations> Recommend(const Evidence& evidence, const optimize::Options& options) {
  Recommendations made;
  // Generate() has the words for evidence without any workload.
  if (!HasWorkload(evidence)) TRY(optimize::Generate(evidence, options));
  const auto catalogue = TRY(JudgedCatalogue(options.target));
  for (const auto& [container, part] : evidence::ByContainer(evidence)) {
    if (HasWorkload(part)) {
      made.containers.push_back(TRY(RecommendFor(container, part, catalogue, options)));
    } else {
      made.silent.push_back(container);
    }
  }
  return made;
}

}  // namespace whittle::advise
