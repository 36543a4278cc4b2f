#include "diagnose/show.h"

#include <fmt/core.h>

#include "base/text.h"
#include "report/table.h"

namespace whittle::diagnose {
namespace {

std::string Lines(const std::string& label, const std::string& text) {
  return report::WrapText(Printable(text), std::string(12, ' '), fmt::format("   {:<9}", label));
}

const char* FaultText(const Cause& cause) {
  if (IsSeccomp(cause.kind)) return "";
  return cause.certainty == Certainty::kPossible ? " (then it is not seccomp's fault)"
                                                 : " (not seccomp's fault)";
}

std::string CauseText(const Cause& cause, size_t number) {
  std::string text = report::WrapText(
      fmt::format("{}: {}{}", CertaintyName(cause.certainty), Printable(cause.what), FaultText(cause)), "   ",
      fmt::format("{}. ", number));
  for (size_t i = 0; i < cause.because.size(); ++i) text += Lines(i == 0 ? "because" : "", cause.because[i]);
  if (!cause.change.empty()) text += Lines("change", cause.change);
  return text;
}

json::Value TextList(const std::vector<std::string>& texts) {
  json::Value list = json::Array();
  for (const auto& text : texts) list.items.emplace_back(text);
  return list;
}

}  // namespace

std::string DiagnosisText(const Diagnosis& diagnosis) {
  std::string text = diagnosis.state.empty() ? "" : Printable(diagnosis.state) + "\n";
  if (diagnosis.causes.empty()) text += "nothing wrong was found\n";
  for (size_t i = 0; i < diagnosis.causes.size(); ++i) text += CauseText(diagnosis.causes[i], i + 1);
  for (const auto& unknown : diagnosis.unknown)
    text += report::WrapText(Printable(unknown), "   ", "not known: ");
  return text;
}

json::Value DiagnosisJson(const Diagnosis& diagnosis) {
  json::Value causes = json::Array();
  for (const auto& cause : diagnosis.causes) {
    causes.items.push_back(json::Object({{"kind", KindName(cause.kind)},
                                         {"certainty", CertaintyName(cause.certainty)},
                                         {"seccomp", IsSeccomp(cause.kind)},
                                         {"what", cause.what},
                                         {"because", TextList(cause.because)},
                                         {"change", cause.change},
                                         {"calls", TextList(cause.calls)}}));
  }
  return json::Object({{"state", diagnosis.state},
                       {"causes", std::move(causes)},
                       {"not_known", TextList(diagnosis.unknown)}});
}

}  // namespace whittle::diagnose
