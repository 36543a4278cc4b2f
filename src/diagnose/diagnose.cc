// Each rule looks at the facts for its own kinds of cause; what they find is sorted by how sure it is, and
// then by how particular: a rule that cannot know better is told only behind those that do.
#include "diagnose/diagnose.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "diagnose/rules.h"

namespace whittle::diagnose {
namespace {

std::string HowItIs(const container::ContainerInfo& info, Stage stage) {
  switch (stage) {
    case Stage::kHangs:
      return "its start hangs";
    case Stage::kNeverStarted:
      return "never started";
    case Stage::kRuns:
      return Printable(info.state);
    case Stage::kEnded:
      return fmt::format("ended with exit code {}", info.exit_code);
    case Stage::kUnknown:
      break;
  }
  return "gone; this is what was kept of it";
}

std::string StateText(const Case& c) {
  std::string text = c.facts.name.empty() ? "" : Printable(c.facts.name) + ": ";
  if (!c.facts.info) return c.facts.name.empty() ? "" : text + "no engine knows it";
  text += HowItIs(*c.facts.info, c.stage);
  const auto& info = *c.facts.info;
  const std::string engine =
      info.id.empty() && info.state.empty() ? "" : std::string(EngineName(info.engine)) + " ";
  if (!info.engine_version.empty()) text += fmt::format("; {}{}", engine, Printable(info.engine_version));
  if (c.facts.target)
    text += fmt::format(", {}, {}, kernel {}", c.runtime_text, AbiName(c.facts.target->arch),
                        c.facts.target->kernel.Text());
  return text;
}

// Nothing of the workload ran then, so nothing of it was refused.
bool EndedBeforeTheWorkload(const std::vector<Cause>& causes) {
  return std::ranges::any_of(causes, [](const Cause& cause) {
    return cause.kind == Kind::kRuntimeRefused && cause.certainty == Certainty::kCertain;
  });
}

// What the answer would look like if a call had been refused without a trace.
bool LeavesRoomForSilence(const Case& c, const std::vector<Cause>& causes) {
  const bool failed = c.stage == Stage::kEnded && c.exit_code() != 0;
  return (failed || c.stage == Stage::kRuns) && MayRefuseInSilence(c) &&
         std::ranges::none_of(causes, [](const Cause& cause) {
           return cause.certainty == Certainty::kCertain && cause.kind != Kind::kProfileIgnored;
         });
}

constexpr std::string_view kSilence =
    "whether the profile refused it a call: nobody watched, and an error that a profile answers leaves no "
    "trace. To see: whittle run --profile PROFILE --image IMAGE, or start it again while 'whittle denials "
    "--keep' runs";

}  // namespace

Result<Diagnosis> Diagnose(const Facts& facts) {
  const Case c = TRY(MakeCase(facts));
  Diagnosis diagnosis;
  diagnosis.state = StateText(c);
  diagnosis.unknown = facts.unknown;
  ProfileRules(c, diagnosis.causes);
  RuntimeRules(c, diagnosis.causes);
  if (!EndedBeforeTheWorkload(diagnosis.causes)) TRY(WorkloadRules(c, diagnosis.causes));
  TRY(OtherRules(c, diagnosis.causes));
  std::ranges::stable_sort(diagnosis.causes, [](const Cause& a, const Cause& b) {
    return std::pair(a.certainty, a.kind) < std::pair(b.certainty, b.kind);
  });
  if (LeavesRoomForSilence(c, diagnosis.causes)) diagnosis.unknown.emplace_back(kSilence);
  return diagnosis;
}

}  // namespace whittle::diagnose
