#include "report/recommended.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "base/text.h"
#include "report/explained.h"
#include "report/summary.h"
#include "report/table.h"
#include "report/verified.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using advise::Candidate;
using advise::Program;
using advise::Recommendation;
using advise::Works;
using Kind = optimize::Answer::Kind;
using Findings = std::vector<optimize::Finding>;

std::string Paragraph(const std::string& text, size_t indent) {
  return WrapText(text, std::string(indent + 4, ' '), std::string(indent, ' '));
}

std::string ContainerName(const std::string& container) {
  return container == "-" ? "outside of containers" : Printable(container);
}

std::string CallName(const optimize::Finding& finding, Abi native) {
  const std::string call = SyscallText(finding.abi, finding.number);
  return finding.abi == native ? call : fmt::format("{} {}", AbiName(finding.abi), call);
}

// The first of them, and how many more there are.
std::string FewNames(const std::set<std::string>& names) {
  std::vector<std::string> few;
  for (const auto& name : names) {
    if (few.size() < advise::kFewCalls) few.push_back(name);
  }
  std::string text = Join(few, ", ");
  if (few.size() < names.size()) text += fmt::format(" and {} more", names.size() - few.size());
  return text;
}

// --- What is refused, and done without

using Spared = std::vector<advise::Spared>;

std::set<std::string> SparedNames(const Spared& all) {
  std::set<std::string> names;
  for (const auto& spared : all) names.insert(std::string(spared.call));
  return names;
}

// ", without pkey_alloc"; empty where nothing is refused.
std::string WithoutText(const Spared& all) {
  return all.empty() ? "" : ", without " + FewNames(SparedNames(all));
}

// A line a program.
std::string SparedText(const Spared& all, size_t indent) {
  std::map<std::pair<std::string, std::string_view>, std::set<std::string>> calls;
  for (const auto& spared : all) {
    const auto what =
        spared.is_moot() ? std::string("not called then") : fmt::format("answered {}", spared.fact->answer);
    calls[{Printable(spared.executable), spared.fact->measured}].insert(
        fmt::format("{} ({})", spared.call, what));
  }
  std::string text;
  for (const auto& [who, names] : calls) {
    text += Paragraph(fmt::format("{} is refused {}: {} was measured to do without", who.first,
                                  FewNames(names), who.second),
                      indent);
  }
  return text;
}

// --- The summary

std::string OwnWords(const Recommendation& made) {
  return fmt::format("{} points: {}", made.custom_score.points,
                     made.worth_it() ? "worth it" : "hardly worth it");
}

// Those that miss least first: a role that lacks one call is the workload's own, one that lacks nine is
// another's that happens to have fewer points.
std::vector<const Candidate*> NearMisses(const Recommendation& made) {
  std::vector<const Candidate*> misses;
  for (const auto& candidate : made.candidates) {
    if (candidate.amended) misses.push_back(&candidate);
  }
  std::ranges::stable_sort(misses, {}, [](const auto* miss) {
    return std::tuple(miss->amended->added.size(), miss->amended->score.points);
  });
  return misses;
}

// "static-web + 2 calls (430 points)".
std::string NearMissText(const Candidate& miss) {
  const auto& amended = *miss.amended;
  return fmt::format("{} + {} ({} points{})", miss.name, Counted(amended.added.size(), "call"),
                     amended.score.points, WithoutText(amended.spared));
}

// --- What it leaves open, and one of its own

// Of the calls those that are a usual way out, with what they do, and those that `also` names; empty if none
// is.
template <typename Names>
std::string RiskiestOf(const Names& calls, std::span<const std::string_view> also = {}) {
  std::vector<std::string> noted;
  for (const auto& call : calls) {
    const auto risk = SyscallRisk(call);
    const bool told = std::ranges::find(also, std::string_view(call)) != also.end();
    if (risk && (risk->level == 3 || told)) noted.push_back(fmt::format("{} ({})", call, risk->reason));
  }
  return Join(noted, "; ");
}

std::string BeyondText(const Candidate& best) {
  if (best.beyond.empty() && best.beyond_abis.empty())
    return "  it leaves nothing open that the evidence does not call for\n";
  const std::vector<std::string> names(best.beyond.begin(), best.beyond.end());
  std::string text = fmt::format("it leaves {} open beyond the evidence", Counted(names.size(), "call"));
  for (const Abi abi : best.beyond_abis)
    text += fmt::format("{} {}", abi == best.beyond_abis.front() ? ", and calls of" : " and", AbiName(abi));
  text = Paragraph(names.empty() ? text : text + ": " + Join(names, ", "), 2);
  const auto riskiest = RiskiestOf(best.beyond);
  if (!riskiest.empty()) text += Paragraph("the riskiest of them: " + riskiest, 2);
  return text;
}

std::string CustomText(const Recommendation& made) {
  const auto* best = made.best();
  std::string text = fmt::format("one of its own (whittle generate): {}, {}", PointsText(made.custom_score),
                                 Counted(made.custom.grants.size(), "call"));
  if (made.is_elsewhere)
    return Paragraph(text + ": from evidence of another machine, of which nothing follows for this one", 2);
  if (best == nullptr) return Paragraph(text + ": the only one that surely works and refuses anything", 2);
  text +=
      fmt::format(": {} points fewer; {}", made.saved(),
                  made.worth_it() ? fmt::format("worth it (from {} % on)", advise::kWorthPercent)
                                  : fmt::format("hardly worth it (less than {} %)", advise::kWorthPercent));
  return Paragraph(text, 2);
}

// The commands stand with the others, below.
std::string NearMissesText(const Recommendation& made) {
  std::vector<std::string> list;
  for (const auto* miss : NearMisses(made)) list.push_back(NearMissText(*miss));
  if (list.empty()) return "";
  const std::string what =
      made.best() == nullptr ? "would do with a few calls more" : "tighter, if made to do";
  return Paragraph(what + " (commands below): " + Join(list, ", "), 2);
}

std::string RunnersUpText(const Recommendation& made) {
  std::vector<std::string> others, idle;
  for (const auto& candidate : made.candidates) {
    if (candidate.works > Works::kWithout || &candidate == made.best()) continue;
    if (candidate.protects) {
      others.push_back(fmt::format("{} ({} points{})", candidate.name, candidate.score.points,
                                   WithoutText(candidate.spared)));
    } else {
      idle.emplace_back(candidate.name);
    }
  }
  std::string text;
  if (!others.empty()) text += Paragraph("would work, too: " + Join(others, ", "), 2);
  if (!idle.empty()) text += Paragraph("would work, and refuse nothing: " + Join(idle, ", "), 2);
  return text;
}

// --- Program by program

// What a profile would not surely let pass of each program; made once a profile.
class Misses {
 public:
  Misses(const Recommendation& made, Abi native) : made_(made), native_(native) {}

  // Of the one that would do without the program; empty if there is none.
  const std::set<std::string>& Of(const Program& program) {
    static const std::set<std::string> kNone;
    const auto [known, is_new] = by_profile_.try_emplace(program.without);
    const auto* candidate = made_.named(program.without);
    if (is_new && candidate != nullptr) {
      for (const auto& findings : {candidate->missed(), candidate->verification.depends}) {
        for (const auto& finding : findings)
          known->second[finding.subject.executable].insert(CallName(finding, native_));
      }
    }
    const auto calls = known->second.find(program.executable);
    return calls == known->second.end() ? kNone : calls->second;
  }

 private:
  const Recommendation& made_;
  const Abi native_;
  std::map<std::string_view, std::map<std::string, std::set<std::string>>> by_profile_;
};

std::string ScriptsText(const Program& program) {
  if (program.scripts.empty()) return "";
  std::vector<std::string> names;
  for (const auto& script : program.scripts) names.push_back(Printable(script));
  return fmt::format(" for {}", Join(names, ", "));
}

std::string ProgramsText(const Recommendation& made, Abi native) {
  std::string text = "  programs, and what would do for each alone:\n";
  Misses all_misses(made, native);
  for (const auto& program : made.programs) {
    std::string line =
        fmt::format("{}{}: {}", Printable(program.executable), ScriptsText(program),
                    program.alone.empty() ? std::string_view("none of the catalogue") : program.alone);
    const auto& misses = all_misses.Of(program);
    // A program that needs more than a few is what the container is there for.
    if (!misses.empty() && misses.size() <= advise::kFewCalls) {
      line += fmt::format("; it needs {}: without it {} would do", FewNames(misses), program.without);
    }
    text += Paragraph(line, 4);
  }
  return text;
}

// --- Those that would not do

// "nginx: mkdir, ptrace", a line a program.
std::string FindingsText(const Findings& findings, std::string_view what, Abi native) {
  std::map<std::string, std::set<std::string>> calls;
  for (const auto& finding : findings)
    calls[Printable(finding.subject.executable)].insert(CallName(finding, native));
  std::string text;
  for (const auto& [who, names] : calls)
    text += Paragraph(fmt::format("{} {}: {}", who, what, FewNames(names)), 6);
  return text;
}

std::set<std::string> NamesOf(const std::vector<optimize::RefusedRow>& rows) {
  std::set<std::string> names;
  for (const auto& [row, answer] : rows) names.insert(row.call);
  return names;
}

std::string RuntimeText(const optimize::Verification& verification, Kind kind, std::string_view what) {
  const auto names = NamesOf(verification.baseline_refused_as(kind));
  if (names.empty()) return "";
  return Paragraph(fmt::format("{} itself {}: {}", verification.baseline.measured, what, FewNames(names)), 6);
}

std::string BreaksText(const Candidate& candidate, Abi native) {
  const auto& verification = candidate.verification;
  if (!candidate.filtered()) return Paragraph("no filter there: " + Printable(verification.why), 6);
  std::string text = FindingsText(candidate.missed(), "would be refused", native);
  text += FindingsText(verification.depends, "would be let pass for some arguments only", native);
  text += RuntimeText(verification, Kind::kRefused, "would be refused, so no container starts");
  text += RuntimeText(verification, Kind::kDepends,
                      "would be let pass for some arguments only, so maybe no container starts");
  return text + SparedText(candidate.spared, 6);
}

// Typed as it stands: names of the catalogue and of calls need no quotes.
std::string AmendCommand(const Candidate& candidate) {
  return fmt::format("whittle profile new --from {} --add {} -o {}-and-more.json", candidate.name,
                     Join(candidate.amended->added, ","), candidate.name);
}

// A command is not broken into lines.
std::string AmendedText(const Candidate& candidate) {
  if (!candidate.amended) return "";
  const auto& amended = *candidate.amended;
  std::string text =
      fmt::format("      {} + {} would do{}, with {} points (tried on the evidence):\n        {}\n",
                  candidate.name, Counted(amended.added.size(), "call"), WithoutText(amended.spared),
                  amended.score.points, AmendCommand(candidate));
  // They are let pass with all flags, which a profile that is made of evidence does not.
  constexpr std::string_view kWithAllFlags[] = {"clone", "clone3"};
  const auto riskiest = RiskiestOf(amended.added, kWithAllFlags);
  if (!riskiest.empty()) text += Paragraph("what that opens: " + riskiest, 6);
  return text;
}

std::string OthersText(const Recommendation& made, Abi native) {
  std::string text;
  for (const auto& candidate : made.candidates) {
    if (candidate.works <= Works::kWithout) continue;
    text += fmt::format("    {}: would work: {}; {}\n", candidate.name, WorksName(candidate.works),
                        candidate.filtered() ? PointsText(candidate.score) : std::string("no filter"));
    text += BreaksText(candidate, native) + AmendedText(candidate);
  }
  return text.empty() ? "" : "  would not surely do:\n" + text;
}

std::string DetailsOf(const Recommendation& made, Abi native) {
  const auto* best = made.best();
  std::string text = Paragraph(
      ContainerName(made.container) + ": " +
          (best == nullptr ? std::string("none of the catalogue that refuses anything would surely work")
                           : fmt::format("{}{} ({})", best->name, WithoutText(best->spared), best->summary)),
      0);
  if (best != nullptr) text += SparedText(best->spared, 2) + BeyondText(*best);
  text += CustomText(made) + NearMissesText(made) + RunnersUpText(made) + ProgramsText(made, native) +
          OthersText(made, native);
  for (const auto& doubt : made.doubts) text += Paragraph("doubt: " + Printable(doubt), 2);
  return text;
}

// --- JSON

template <typename Names>
json::Value NamesJson(const Names& names) {
  json::Value list = json::Array();
  for (const auto& name : names) list.items.emplace_back(Printable(name));
  return list;
}

json::Value FindingsJson(const Findings& findings) {
  json::Value list = json::Array();
  for (const auto& finding : findings) list.items.push_back(FindingJson(finding));
  return list;
}

json::Value SparedJson(const Spared& all) {
  json::Value list = json::Array();
  for (const auto& spared : all) {
    const auto& fact = *spared.fact;
    list.items.push_back(json::Object({{"executable", Printable(spared.executable)},
                                       {"abi", AbiName(fact.abi)},
                                       {"call", spared.call},
                                       {"moot_by", spared.is_moot() ? fact.call : std::string_view()},
                                       {"answer", fact.answer},
                                       {"instead", NamesJson(fact.instead)},
                                       {"measured", fact.measured}}));
  }
  return list;
}

json::Value CandidateJson(const Candidate& candidate) {
  const auto& verification = candidate.verification;
  json::Value abis = json::Array();
  for (const Abi abi : candidate.beyond_abis) abis.items.emplace_back(AbiName(abi));
  json::Value value =
      json::Object({{"profile", candidate.name},
                    {"works", WorksName(candidate.works)},
                    {"protects", candidate.protects},
                    {"state", StateName(verification.state)},
                    {"points", candidate.score.points},
                    {"beyond", NamesJson(candidate.beyond)},
                    {"beyond_abis", std::move(abis)},
                    {"missing", NamesJson(candidate.missing)},
                    {"refused", FindingsJson(verification.refused)},
                    {"depends", FindingsJson(verification.depends)},
                    {"does_without", SparedJson(candidate.spared)},
                    {"runtime_refused", NamesJson(NamesOf(verification.baseline_refused_as(Kind::kRefused)))},
                    {"runtime_depends", NamesJson(NamesOf(verification.baseline_refused_as(Kind::kDepends)))},
                    {"runtime_tolerated", NamesJson(NamesOf(verification.baseline_tolerated))}});
  if (candidate.amended) {
    value.Set("amended", json::Object({{"add", NamesJson(candidate.amended->added)},
                                       {"points", candidate.amended->score.points},
                                       {"does_without", SparedJson(candidate.amended->spared)},
                                       {"command", AmendCommand(candidate)}}));
  }
  return value;
}

json::Value ProgramJson(const Program& program, Misses& misses) {
  return json::Object({{"executable", Printable(program.executable)},
                       {"scripts", NamesJson(program.scripts)},
                       {"alone", program.alone},
                       {"without", program.without},
                       {"needs", NamesJson(misses.Of(program))}});
}

json::Value ContainerJson(const Recommendation& made, Abi native) {
  const auto* best = made.best();
  json::Value candidates = json::Array(), programs = json::Array();
  for (const auto& candidate : made.candidates) candidates.items.push_back(CandidateJson(candidate));
  Misses misses(made, native);
  for (const auto& program : made.programs) programs.items.push_back(ProgramJson(program, misses));
  return json::Object({{"container", Printable(made.container)},
                       {"recommended", best == nullptr ? std::string_view() : best->name},
                       {"recommended_without",
                        NamesJson(best == nullptr ? std::set<std::string>() : SparedNames(best->spared))},
                       {"unfiltered", made.custom_score.most},
                       {"custom", json::Object({{"points", made.custom_score.points},
                                                {"calls", made.custom.grants.size()},
                                                {"saved", made.saved()},
                                                {"worth_it", made.worth_it()}})},
                       {"programs", std::move(programs)},
                       {"candidates", std::move(candidates)},
                       {"doubts", NamesJson(made.doubts)}});
}

}  // namespace

std::string RecommendedSummary(const advise::Recommendations& made, const profile::Target& target) {
  std::vector<std::vector<std::string>> rows = {
      {"CONTAINER", "RECOMMENDED", "POINTS", "OPEN BEYOND", "ONE OF ITS OWN", "NEAR MISS"}};
  for (const auto& container : made.containers) {
    const auto* best = container.best();
    const std::string name = ContainerName(container.container);
    const auto misses = NearMisses(container);
    const std::string miss = misses.empty() ? "-" : NearMissText(*misses.front());
    if (best == nullptr) {
      rows.push_back({name, "none", "-", "-", OwnWords(container), miss});
    } else {
      rows.push_back({name, std::string(best->name) + WithoutText(best->spared),
                      std::to_string(best->score.points), Counted(best->beyond.size(), "call"),
                      OwnWords(container), miss});
    }
  }
  std::string text = fmt::format("target: {}\n", target.Text()) + TableText(rows);
  for (const auto& container : made.silent) {
    text += fmt::format("{}: no call of its own was recorded, only what came from outside\n",
                        ContainerName(container));
  }
  return text;
}

std::string RecommendedDetails(const advise::Recommendations& made, const profile::Target& target) {
  std::string text;
  for (const auto& container : made.containers) text += "\n" + DetailsOf(container, target.arch);
  return text;
}

json::Value RecommendedJson(const advise::Recommendations& made, const profile::Target& target) {
  json::Value containers = json::Array();
  for (const auto& container : made.containers)
    containers.items.push_back(ContainerJson(container, target.arch));
  return json::Object({{"target", target.Text()},
                       {"containers", std::move(containers)},
                       {"without_workload", NamesJson(made.silent)}});
}

}  // namespace whittle::report
