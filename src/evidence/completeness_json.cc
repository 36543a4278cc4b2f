#include "evidence/completeness_json.h"

#include <fmt/core.h>

#include <cmath>

#include "evidence/fields.h"
#include "evidence/phases.h"

namespace whittle::evidence {
namespace {

using json::Kind;
using json::Value;

double Rounded(double value) { return std::round(value * 1e6) / 1e6; }

Value EstimateJson(const Completeness& estimate) {
  return json::Object({{"unit", UnitName(estimate.kind)},
                       {"units", estimate.units},
                       {"calls", estimate.calls},
                       {"once", estimate.once},
                       {"twice", estimate.twice},
                       {"units_with_news", estimate.news},
                       {"start_or_end_only", estimate.ends_only},
                       {"starts", estimate.starts},
                       {"coverage", json::Object({{"value", Rounded(estimate.coverage.value)},
                                                  {"low", Rounded(estimate.coverage.low)},
                                                  {"high", Rounded(estimate.coverage.high)}})},
                       {"chao2", Rounded(estimate.chao2)},
                       {"unseen_at_least", estimate.unseen_at_least},
                       {"too_few_units", estimate.few_units}});
}

Result<void> CheckReal(Fields& fields, std::string_view name) {
  const auto* value = TRY(fields.Any(name));
  if (value->is(Kind::kReal) || value->is(Kind::kUnsigned)) return {};
  return fields.Fail(value->at, fmt::format("field '{}': expected a number of at least 0", name));
}

Result<void> CheckEstimate(const Value& value, const std::string& file) {
  auto fields = TRY(Fields::Of(value, file, "completeness"));
  TRY(fields.Of("unit", Kind::kString));
  for (const char* name : {"units", "calls", "once", "twice", "units_with_news", "start_or_end_only",
                           "starts", "unseen_at_least"}) {
    TRY(fields.Number(name));
  }
  TRY(CheckReal(fields, "chao2"));
  TRY(fields.Boolean("too_few_units"));
  const auto* object = TRY(fields.Of("coverage", Kind::kObject));
  auto coverage = TRY(Fields::Of(*object, file, "coverage"));
  for (const char* name : {"value", "low", "high"}) TRY(CheckReal(coverage, name));
  TRY(coverage.NothingElse());
  return fields.NothingElse();
}

}  // namespace

Value CompletenessJson(const Evidence& evidence) {
  const auto assessment = AssessCompleteness(evidence);
  Value estimates = json::Array();
  for (const auto& estimate : assessment.by_kind) estimates.items.push_back(EstimateJson(estimate));
  Value phases = json::Array();
  for (const auto& missing : PhasesNotExercised(evidence)) phases.items.emplace_back(missing.phase.name);
  return json::Object({{"estimates", estimates}, {"not_exercised", phases}});
}

Result<void> CheckCompletenessJson(const Value& value, const std::string& file) {
  auto fields = TRY(Fields::Of(value, file, "completeness"));
  for (const auto& estimate : TRY(fields.Of("estimates", Kind::kArray))->items)
    TRY(CheckEstimate(estimate, file));
  for (const auto& phase : TRY(fields.Of("not_exercised", Kind::kArray))->items) {
    if (!phase.is(Kind::kString))
      return fields.Fail(phase.at, "field 'not_exercised': expected names of phases");
  }
  return fields.NothingElse();
}

}  // namespace whittle::evidence
