#include "cli/simulation.h"

#include <fmt/core.h>

#include "base/text.h"
#include "filter/too_large.h"

namespace whittle::cli {
namespace {

using filter::Compiled;
using filter::NumberedCall;

std::string RuleText(const profile::Document& document, int index) {
  const auto& rule = document.rules[static_cast<size_t>(index)];
  return fmt::format("rule {} ({}:{}:{})", index, document.file, rule.at.line, rule.at.column);
}

std::string WhyText(const profile::Document& document, const filter::Explanation& explanation) {
  std::string text = explanation.rule >= 0 ? RuleText(document, explanation.rule) : "";
  if (!explanation.quirk.empty()) text += (text.empty() ? "" : ", ") + explanation.quirk;
  if (!explanation.losers.empty()) text += "; " + filter::LosersText(explanation.losers);
  return text;
}

}  // namespace

Result<Simulation> Simulation::Of(const FilterSource& source, const profile::Target& target,
                                  TooLarge too_large) {
  Simulation simulation;
  if (source.document) {
    auto compiled = filter::Compile(*source.document, target);
    if (!compiled) {
      const bool refused = too_large == TooLarge::kRefused && filter::TooLargeFor(*source.document, target);
      if (!refused) return std::unexpected(compiled.error());
      simulation.compiled_.state = Compiled::State::kRefused;
      simulation.compiled_.why = compiled.error().message;
      return simulation;
    }
    simulation.compiled_ = std::move(*compiled);
    if (simulation.compiled_.state == Compiled::State::kFiltered) {
      TRY(simulation.AddLayer(source, simulation.compiled_.program, &simulation.compiled_));
    }
    return simulation;
  }
  TRY(simulation.AddLayers(source, target));
  if (simulation.layers_.empty()) {
    simulation.compiled_.state = Compiled::State::kUnconfined;
    simulation.compiled_.why = "there is no filter";
    simulation.compiled_.where = source.name;
  }
  return simulation;
}

// Documents that are joined to one are filters as they are: their rules have no place in a file.
Result<void> Simulation::AddLayers(const FilterSource& source, const profile::Target& target) {
  if (!source.parts.empty() && !source.joined_by) {
    for (const auto& part : source.parts) TRY(AddLayers(part, target));
    return {};
  }
  std::optional<Compiled> compiled;
  if (source.document) compiled = TRY(filter::Compile(*source.document, target));
  for (auto& program : TRY(ProgramsOf(source, target)))
    TRY(AddLayer(source, std::move(program), compiled ? &*compiled : nullptr));
  return {};
}

Result<void> Simulation::AddLayer(const FilterSource& source, filter::Program program,
                                  const Compiled* compiled) {
  programs_.push_back(std::move(program));
  Layer& layer = layers_.emplace_back();
  layer.name = source.name;
  if (compiled == nullptr) return {};
  layer.document = &*source.document;
  layer.explainer.emplace(TRY(filter::Explainer::Create(*source.document, *compiled)));
  return {};
}

Result<Simulation::Answer> Simulation::Ask(const NumberedCall& question) const {
  if (question.asks == NumberedCall::Asks::kLoad) return AskLoad();
  if (compiled_.state != Compiled::State::kFiltered) {
    Answer answer;
    answer.text = compiled_.state == Compiled::State::kRefused ? "REFUSED" : "UNCONFINED";
    answer.why = compiled_.why;
    return answer;
  }
  const auto verdict = filter::EvaluateStacked(programs_, question.call);
  const size_t decider = DeciderOf(verdict, question.call);
  Answer answer = TRY(AskLayer(layers_[decider], question.call));
  answer.verdict = verdict;
  answer.text = profile::VerdictText(verdict.action, verdict.data);
  if (layers_.size() > 1) {
    answer.filter = decider + 1;
    answer.why = fmt::format("filter {} of {} ({}): {}", answer.filter, layers_.size(),
                             layers_[decider].name, answer.why);
  }
  return answer;
}

// Among filters that are equally strict, the newest speaks.
size_t Simulation::DeciderOf(const filter::Verdict& verdict, const filter::Call& call) const {
  for (size_t i = layers_.size(); i-- > 1;) {
    if (filter::Evaluate(programs_[i], call).action == verdict.action) return i;
  }
  return 0;
}

Result<Simulation::Answer> Simulation::AskLayer(const Layer& layer, const filter::Call& call) const {
  Answer answer;
  if (!layer.explainer) {
    answer.why = "as it is installed";
    return answer;
  }
  const auto explanation = TRY(layer.explainer->Explain(call));
  answer.rule = explanation.rule;
  answer.why = WhyText(*layer.document, explanation);
  answer.losers = explanation.losers;
  return answer;
}

// Whether a container starts with the document: no filter at all is taken without a word, one that is too
// large (the warning of a compiled document) is refused by the kernel.
Simulation::Answer Simulation::AskLoad() const {
  Answer answer;
  const bool too_large = !compiled_.warnings.empty();
  answer.text = compiled_.state == Compiled::State::kRefused || too_large ? "REFUSED" : "OK";
  answer.why = too_large ? compiled_.warnings.front() : compiled_.why;
  return answer;
}

}  // namespace whittle::cli
