#include "report/completeness_text.h"

#include <fmt/core.h>

#include <cmath>

#include "evidence/phases.h"
#include "report/summary.h"

namespace whittle::report {
namespace {

using evidence::Completeness;
using evidence::UnitKind;

// To one decimal, outwards: an interval must not shrink to certainty by being printed. What floating point
// adds to a round number is not rounded up.
double RoundDown(double value) { return std::floor(value * 10 + 1e-9) / 10; }
double RoundUp(double value) { return std::ceil(value * 10 - 1e-9) / 10; }

std::string_view UnitText(const Completeness& completeness) {
  return completeness.kind == UnitKind::kEpoch ? "epoch of this load" : UnitName(completeness.kind);
}

// "run" -> "runs", "replica" -> "replicas".
std::string Plural(UnitKind kind) { return std::string(UnitName(kind)) + "s"; }

std::string FewText(const Completeness& completeness) {
  return completeness.few_units ? " (too few to rely on)" : "";
}

std::string BestText(const Completeness& best) {
  std::string text = fmt::format(
      "  coverage {}: the chance that one more {}\n  shows nothing new{}\n  {}\n  seen in one {} only: {} of "
      "{}, in {}\n",
      PercentText(best.coverage), UnitText(best), FewText(best), UnseenText(best), UnitName(best.kind),
      best.once, Counted(best.calls, "call"), Counted(best.units, UnitName(best.kind)));
  if (best.ends_only > 0) {
    text += fmt::format("  seen only at a start or an end: {}, in {}: another start may differ\n",
                        Counted(best.ends_only, "more call"), Counted(best.starts, "start"));
  }
  return text;
}

std::string OtherText(const Completeness& other) {
  return fmt::format("  by {} ({}): coverage {}; {}\n", Plural(other.kind), other.units,
                     PercentText(other.coverage), other.few_units ? "too few to rely on" : UnseenText(other));
}

}  // namespace

std::string PercentText(const evidence::Estimate& share) {
  return fmt::format("{:.1f} % (95 %: {:.1f} to {:.1f})", share.value * 100, RoundDown(share.low * 100),
                     RoundUp(share.high * 100));
}

std::string UnseenText(const Completeness& completeness) {
  const uint64_t least = completeness.unseen_at_least;
  if (least == 0)
    return fmt::format("not seen yet: perhaps nothing (Chao2 estimates {:.1f} calls or more)",
                       completeness.chao2);
  return fmt::format("not seen yet: at least {} (95 %; Chao2 estimates {:.1f} or more)",
                     Counted(least, "call"), completeness.chao2);
}

std::string PhasesText(const evidence::Evidence& evidence) {
  std::string text;
  for (const auto& [phase, how] : PhasesNotExercised(evidence)) {
    text += fmt::format("  {:<12}  {}\n{:16}{}\n", phase.name, phase.what, "", how);
  }
  return text;
}

std::string CompletenessText(const evidence::Evidence& evidence) {
  const auto assessment = AssessCompleteness(evidence);
  std::string text;
  if (assessment.known()) {
    text = fmt::format("completeness by {} ({}):\n", Plural(assessment.best().kind), assessment.why);
    text += BestText(assessment.best());
    for (size_t i = 1; i < assessment.by_kind.size(); ++i) text += OtherText(assessment.by_kind[i]);
  } else {
    text = "completeness: unknown, fewer than two epochs with calls: record longer\n";
  }
  const std::string phases = PhasesText(evidence);
  if (phases.empty()) return text + "exercised: all that is asked for\n";
  return text + "not known to be exercised; what only these need is missing:\n" + phases;
}

std::string LiveText(const evidence::Assessment& assessment) {
  if (!assessment.known()) return "";
  const auto& best = assessment.best();
  return fmt::format("coverage {} by {}{}", PercentText(best.coverage),
                     Counted(best.units, UnitName(best.kind)), FewText(best));
}

}  // namespace whittle::report
