#include "report/recommended.h"

#include <fmt/core.h>

#include <map>
#include <set>

#include "base/text.h"
#include "report/explained.h"
#include "report/summary.h"
#include "report/table.h"
#include "report/verified.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using advise::Candidate;
using advise::Recommendation;
using advise::Works;
using filter::Compiled;

std::string SubjectName(const evidence::Subject& subject) {
  return (subject.container == "-" ? "" : Printable(subject.container) + " ") + Printable(subject.executable);
}

std::string CallName(const optimize::Finding& finding, Abi native) {
  const std::string call = SyscallText(finding.abi, finding.number);
  return finding.abi == native ? call : fmt::format("{} {}", AbiName(finding.abi), call);
}

// Who needs what, of findings: "nginx: mount, ptrace".
void TellFindings(const std::vector<optimize::Finding>& findings, std::string_view what, Abi native,
                  std::string& text) {
  std::map<std::string, std::set<std::string>> calls;
  for (const auto& finding : findings) calls[SubjectName(finding.subject)].insert(CallName(finding, native));
  for (const auto& [who, names] : calls) {
    text += WrapText(fmt::format("{} {}: {}", who, what, Join(std::vector(names.begin(), names.end()), ", ")),
                     "      ", "    ");
  }
}

std::string BreaksText(const Candidate& candidate, Abi native) {
  const auto& verification = candidate.verification;
  if (verification.state != Compiled::State::kFiltered)
    return fmt::format("    no filter there: {}\n", Printable(verification.why));
  std::string text;
  TellFindings(verification.refused, "would be refused", native, text);
  TellFindings(verification.depends, "would be let pass for some arguments only", native, text);
  std::set<std::string> runtime;
  for (const auto& [row, answer] : verification.baseline_refused) runtime.insert(row.call);
  if (!runtime.empty()) {
    text += WrapText(
        fmt::format("{} itself would be refused, so no container starts: {}", verification.baseline.measured,
                    Join(std::vector(runtime.begin(), runtime.end()), ", ")),
        "      ", "    ");
  }
  return text;
}

std::string CandidatesText(const Recommendation& recommendation, Abi native) {
  std::string text;
  for (const auto& candidate : recommendation.candidates) {
    const bool filtered = candidate.verification.state == Compiled::State::kFiltered;
    text += fmt::format("  {}: would work: {}; {}{}\n", candidate.name, WorksName(candidate.works),
                        filtered ? PointsText(candidate.score) : std::string("no filter"),
                        filtered && !candidate.protects ? "; it refuses nothing" : "");
    if (candidate.works != Works::kYes) text += BreaksText(candidate, native);
  }
  return text;
}

std::string BeyondText(const Candidate& best) {
  if (best.beyond.empty()) return "it leaves nothing open that the evidence does not call for\n";
  std::vector<std::string> names(best.beyond.begin(), best.beyond.end());
  std::vector<std::string> noted;
  for (const auto name : best.beyond) {
    const auto risk = SyscallRisk(name);
    if (risk && risk->level == 3) noted.push_back(fmt::format("{} ({})", name, risk->reason));
  }
  std::string text = WrapText(fmt::format("it leaves {} open beyond the evidence: {}",
                                          Counted(names.size(), "call"), Join(names, ", ")),
                              "  ", "");
  if (!noted.empty()) text += WrapText("the riskiest of them: " + Join(noted, "; "), "  ", "");
  return text;
}

std::string CustomText(const Recommendation& recommendation) {
  const auto* best = recommendation.best();
  std::string text =
      fmt::format("one of its own (whittle generate): {}, {}", PointsText(recommendation.custom_score),
                  Counted(recommendation.custom.grants.size(), "call"));
  if (best == nullptr) return text + ": the only one that surely works and refuses anything\n";
  text += fmt::format(": {} points fewer; {}\n", recommendation.saved(),
                      recommendation.worth_it()
                          ? fmt::format("worth it (from {} % on)", advise::kWorthPercent)
                          : fmt::format("hardly worth it (less than {} %)", advise::kWorthPercent));
  return text;
}

// --- JSON

json::Value NamesJson(const std::vector<std::string_view>& names) {
  json::Value list = json::Array();
  for (const auto name : names) list.items.emplace_back(name);
  return list;
}

json::Value FindingsJson(const std::vector<optimize::Finding>& findings) {
  json::Value list = json::Array();
  for (const auto& finding : findings) list.items.push_back(FindingJson(finding));
  return list;
}

json::Value CandidateJson(const Candidate& candidate) {
  const auto& verification = candidate.verification;
  json::Value runtime = json::Array();
  for (const auto& [row, answer] : verification.baseline_refused) runtime.items.emplace_back(row.call);
  return json::Object({{"profile", candidate.name},
                       {"works", WorksName(candidate.works)},
                       {"protects", candidate.protects},
                       {"state", StateName(verification.state)},
                       {"points", candidate.score.points},
                       {"beyond", NamesJson(candidate.beyond)},
                       {"refused", FindingsJson(verification.refused)},
                       {"depends", FindingsJson(verification.depends)},
                       {"runtime_refused", std::move(runtime)}});
}

}  // namespace

std::string RecommendationText(const Recommendation& recommendation, const profile::Target& target) {
  const auto* best = recommendation.best();
  std::string text = fmt::format("target: {}\n", target.Text());
  text +=
      best == nullptr
          ? std::string("recommended: none of the catalogue: none that refuses anything would surely work\n")
          : fmt::format("recommended of the catalogue: {} ({})\n", best->name, best->summary);
  if (best != nullptr) text += BeyondText(*best);
  text += CustomText(recommendation);
  text += "the catalogue:\n" + CandidatesText(recommendation, target.arch);
  for (const auto& warning : recommendation.doubts)
    text += WrapText("doubt: " + Printable(warning), "  ", "");
  return text;
}

json::Value RecommendationJson(const Recommendation& recommendation, const profile::Target& target) {
  const auto* best = recommendation.best();
  json::Value candidates = json::Array();
  for (const auto& candidate : recommendation.candidates)
    candidates.items.push_back(CandidateJson(candidate));
  json::Value doubts = json::Array();
  for (const auto& warning : recommendation.doubts) doubts.items.emplace_back(Printable(warning));
  return json::Object({{"target", target.Text()},
                       {"recommended", best == nullptr ? std::string_view() : best->name},
                       {"unfiltered", recommendation.custom_score.most},
                       {"custom", json::Object({{"points", recommendation.custom_score.points},
                                                {"calls", recommendation.custom.grants.size()},
                                                {"saved", recommendation.saved()},
                                                {"worth_it", recommendation.worth_it()}})},
                       {"candidates", std::move(candidates)},
                       {"doubts", std::move(doubts)}});
}

}  // namespace whittle::report
