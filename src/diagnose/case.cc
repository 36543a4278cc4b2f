#include <fmt/core.h>

#include <algorithm>

#include "advise/let_pass.h"
#include "base/text.h"
#include "diagnose/rules.h"
#include "syscalls/table.h"

namespace whittle::diagnose {
namespace {

using optimize::Need;

Stage StageOf(const Facts& facts) {
  if (facts.process && facts.process->killed_by_filter) return Stage::kHangs;
  if (!facts.info) return facts.error.empty() ? Stage::kUnknown : Stage::kNeverStarted;
  const std::string& state = facts.info->state;
  if (state.empty()) return Stage::kUnknown;  // gone: what was kept of it
  if (state == "running" || state == "paused" || state == "restarting") return Stage::kRuns;
  if (state == "created" || state == "initialized" || state == "configured") return Stage::kNeverStarted;
  return Stage::kEnded;
}

// The calls of the runtime that the filter refuses, in the order of a start.
Result<void> JudgeBaseline(Case& c) {
  const auto verified = TRY(optimize::Verify(*c.facts.profile.document, *c.facts.target, {}));
  c.baseline = verified.baseline;
  for (const auto* rows : {&verified.baseline_refused, &verified.baseline_tolerated}) {
    for (const auto& [row, answer] : *rows) {
      if (answer.kind != optimize::Answer::Kind::kRefused || row.need == Need::kTolerated) continue;
      auto& list = row.phase != "start" ? c.of_exec : row.need == Need::kNeeded ? c.needed : c.sometimes;
      list.emplace_back(row, answer);
    }
  }
  std::ranges::stable_sort(c.needed, {}, [&](const auto& refused) {
    const auto step = StepOf(refused.first.runtime, refused.first.call);
    return step ? step->order : SIZE_MAX;
  });
  return {};
}

// The profile on its target, if it is in force.
Result<void> TakeFilter(Case& c) {
  const Facts& facts = c.facts;
  if (!facts.target || !facts.profile.document || !facts.profile.ignored.empty()) return {};
  auto judge = optimize::Judge::Create(*facts.profile.document, *facts.target);
  if (!judge && judge.error().code == ErrorCode::kBadInput) {
    c.oversized = judge.error().message;
    return {};
  }
  if (!judge) return std::unexpected(judge.error());
  c.judge = std::move(*judge);
  return c.filters() ? JudgeBaseline(c) : Result<void>();
}

bool EndsTheCaller(const std::string& verdict) {
  return verdict.find("KILL") != std::string::npos || verdict.find("TRAP") != std::string::npos;
}

// Another container's program of the same name may have been killed in the same seconds.
Result<bool> CanHaveMade(const Case& c, const RefusedCall& refused) {
  if (refused.source != RefusedCall::Source::kAudit || !c.filters()) return true;
  const auto number = ParseSyscall(refused.abi, refused.call);
  if (!number) return false;
  const auto answer = TRY(c.judge->Ask(refused.abi, *number));
  if (answer.kind == optimize::Answer::Kind::kAllowed) return false;
  return EndsTheCaller(answer.verdict) == (refused.fate == evidence::Fate::kKilled) ||
         answer.verdict.find("TRAP") != std::string::npos;
}

}  // namespace

bool Case::filters() const { return judge && judge->compiled().state == filter::Compiled::State::kFiltered; }

Result<Case> MakeCase(const Facts& facts) {
  Case c(facts);
  c.stage = StageOf(facts);
  if (facts.target) {
    c.runtime = profile::RuntimeName(facts.target->runtime);
    c.runtime_text = fmt::format("{} {}", c.runtime, facts.target->runtime_version.Text());
  }
  c.message = MeaningOfMessage(facts.error, c.runtime);
  TRY(TakeFilter(c));
  for (const auto& refused : facts.refused) {
    if (TRY(CanHaveMade(c, refused))) c.refused.push_back(refused);
  }
  return c;
}

Result<std::optional<optimize::Answer>> AnswerFor(const Case& c, const std::string& call) {
  const auto number = c.filters() ? SyscallNumber(c.facts.target->arch, call) : std::nullopt;
  if (!number) return std::nullopt;
  return TRY(c.judge->Ask(c.facts.target->arch, *number));
}

namespace {

std::vector<std::string> OneLine(std::string_view text) {
  std::vector<std::string> parts;
  for (const auto line : Lines(text)) {
    if (Trim(line).empty()) break;
    parts.emplace_back(Trim(line));
  }
  return parts;
}

}  // namespace

std::string Quoted(std::string_view text) {
  constexpr size_t kMost = 300;
  // What comes after an empty line is how to use the command.
  std::string line = Printable(Join(OneLine(Trim(text)), " "));
  if (line.size() > kMost) line = line.substr(0, kMost - 3) + "...";
  return "'" + line + "'";
}

std::string AnswerText(const optimize::Answer& answer, const std::string& call) {
  return fmt::format("the profile answers {} to {}{}", answer.verdict, call,
                     answer.by.empty() ? "" : " (" + answer.by + ")");
}

namespace {

std::string RuleFor(const std::vector<std::string>& calls) {
  std::vector<std::string> quoted;
  for (const auto& call : calls) quoted.push_back("\"" + call + "\"");
  return fmt::format(R"({{"names": [{}], "action": "SCMP_ACT_ALLOW"}})", Join(quoted, ", "));
}

std::string Command(const Case& c, const std::vector<std::string>& calls) {
  const ProfileFacts& profile = c.facts.profile;
  std::string from = profile.path.empty() ? "PROFILE" : Printable(profile.path);
  if (profile.path.empty() && profile.name.ends_with("-default")) from = profile.name;
  return fmt::format("whittle profile new --from {} --add {} -o wider.json", from, Join(calls, ","));
}

// Tried on the document that is in force.
std::string ProvenChange(const Case& c, const std::vector<std::string>& calls) {
  const auto& document = *c.facts.profile.document;
  const auto change = advise::ChangesToLetPass(document, *c.facts.target, calls);
  const auto added = advise::AddingLetsPass(document, *c.facts.target, calls);
  if (!change || !change->proven) {
    return fmt::format("no rule for {} helps in this profile: {}", Join(calls, ", "),
                       change ? change->still : change.error().message);
  }
  if (change->passes)
    return fmt::format("the profile lets {} pass as it is: another filter, or another profile, refused it",
                       Join(calls, ", "));
  std::string text = Join(change->take_out, "; ");
  if (!text.empty() && c.facts.profile.loaded) text += " of what the runtime was given";
  if (!text.empty() && change->add) text += ", which goes on refusing beside a rule that allows; then ";
  if (change->add) text += "allow: " + RuleFor(calls);
  if (added && *added)
    text += fmt::format("; {}{}", Command(c, calls), change->take_out.empty() ? "" : " does that");
  return text;
}

}  // namespace

std::string AllowChange(const Case& c, const std::vector<std::string>& calls) {
  const bool named = std::ranges::all_of(calls, [](const auto& call) { return IsSyscallName(call); });
  if (!named) return "allow: " + RuleFor(calls);
  if (c.filters()) return ProvenChange(c, calls);
  return fmt::format("allow: {}; {} also takes it out of rules that refuse it by name", RuleFor(calls),
                     Command(c, calls));
}

}  // namespace whittle::diagnose
