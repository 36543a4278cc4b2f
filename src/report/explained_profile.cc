#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "advise/effect.h"
#include "base/text.h"
#include "filter/meaning.h"
#include "report/explained.h"
#include "report/summary.h"
#include "report/table.h"
#include "report/verified.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using advise::AskedCall;
using advise::Closed;
using filter::Compiled;

constexpr size_t kHeaviest = 12;
constexpr size_t kNamedCalls = 16;  // beside their answer; all are named in their groups

std::string Line(const std::string& label, const std::string& text, size_t indent = 2) {
  return WrapText(label + ": " + text, std::string(indent + 4, ' '), std::string(indent, ' '));
}

// What a call gets that no rule names; empty for filters as they are.
std::string DefaultText(const ExplainedProfile& profile) {
  const auto& compiled = profile.compiled;
  if (compiled.state != Compiled::State::kFiltered || compiled.meaning == nullptr) return "";
  const auto& meaning = *compiled.meaning;
  std::string text = profile::VerdictText(meaning.otherwise.action, meaning.otherwise.data);
  const auto above = meaning.stub_above.find(profile.surface.native);
  if (above != meaning.stub_above.end()) {
    text += fmt::format(", but {} above {}", profile::VerdictText(meaning.stub.action, meaning.stub.data),
                        SyscallText(profile.surface.native, above->second));
  }
  return text;
}

size_t CountOf(const std::vector<AskedCall>& calls, bool (AskedCall::*is)() const) {
  return static_cast<size_t>(
      std::ranges::count_if(calls, [&](const AskedCall& call) { return (call.*is)(); }));
}

std::string OpenText(const advise::Surface& surface) {
  std::string text = fmt::format("{} of {} pass", CountOf(surface.calls, &AskedCall::passes),
                                 Counted(surface.calls.size(), "call"));
  const size_t depend = CountOf(surface.calls, &AskedCall::depends);
  if (depend > 0) text += fmt::format(", {} of them for some arguments only", depend);
  for (size_t i = 0; i < surface.other_abis.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "; so do calls of " : ", ", AbiName(surface.other_abis[i]));
  return text;
}

// --- The answers

// Calls of the native ABI that get the same answer.
struct Answered {
  std::string answer;  // as `simulate` spells it; of several ("ALLOW or ERRNO(1)") the arguments decide
  std::string effect;
  std::vector<std::string> calls;
};

std::string EffectOf(const optimize::Answer& answer) {
  if (!answer.decided) return "undecided, whether for some arguments there is another";
  if (!answer.only) return "one or the other, by the call's arguments";
  return advise::EffectOf(answer.only->action, answer.only->data);
}

std::vector<Answered> CallsByAnswer(const advise::Surface& surface) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> by_answer;
  for (const auto& call : surface.calls)
    by_answer[{call.answer.verdict, EffectOf(call.answer)}].emplace_back(call.name);
  std::vector<Answered> answered;
  for (auto& [answer, calls] : by_answer) answered.push_back({answer.first, answer.second, std::move(calls)});
  return answered;
}

std::string AnswersText(const advise::Surface& surface) {
  std::string text = "the answers:\n";
  for (const auto& [answer, effect, calls] : CallsByAnswer(surface)) {
    const std::string names = calls.size() > kNamedCalls ? "" : ": " + Join(calls, ", ");
    text += Line(fmt::format("{} ({}{})", answer, Counted(calls.size(), "call"), names), effect);
  }
  return text;
}

json::Value AnswersJson(const advise::Surface& surface) {
  json::Value answers = json::Array();
  for (const auto& [answer, effect, calls] : CallsByAnswer(surface)) {
    answers.items.push_back(json::Object({{"answer", answer}, {"effect", effect}, {"calls", calls.size()}}));
  }
  return answers;
}

// --- The score

std::string ReasonOf(const advise::CallPoints& call) {
  const auto risk = SyscallRisk(call.name);
  return risk ? std::string(risk->reason) : std::string("-");
}

std::string ScoreText(const advise::Score& score) {
  std::string text =
      Line("score", PointsText(score) + "; the less, the less is left open (docs/score.md)", 0);
  std::vector<std::vector<std::string>> parts = {{"PART", "POINTS", "UNFILTERED", "OF"}};
  for (const auto& part : score.parts) {
    parts.push_back({std::string(part.name), std::to_string(part.points), std::to_string(part.most),
                     Counted(part.count, part.name == "other ABIs" ? "ABI" : "call")});
  }
  text += TableText(parts);
  if (score.calls.empty()) return text;
  text += "what weighs most:\n";
  std::vector<std::vector<std::string>> calls = {{"CALL", "POINTS", "OPEN", "RISK", "FLAWS", "WHY"}};
  for (size_t i = 0; i < score.calls.size() && i < kHeaviest; ++i) {
    const auto& call = score.calls[i];
    calls.push_back({std::string(call.name) + (call.halved ? " (half: some arguments)" : ""),
                     std::to_string(call.sum()), std::to_string(call.open), std::to_string(call.risk),
                     std::to_string(call.flaws), ReasonOf(call)});
  }
  return text + TableText(calls);
}

// --- Call by call

std::vector<const AskedCall*> OfGroup(const advise::Surface& surface, std::string_view group) {
  std::vector<const AskedCall*> calls;
  for (const auto& call : surface.calls) {
    if (SyscallGroup(call.name) == group) calls.push_back(&call);
  }
  return calls;
}

std::string GroupText(std::string_view group, const std::vector<const AskedCall*>& calls) {
  std::vector<std::string> passing;
  std::map<std::string, std::vector<std::string>> others;  // by answer and whose it is
  for (const auto* call : calls) {
    const auto& answer = call->answer;
    if (answer.kind == optimize::Answer::Kind::kAllowed) {
      passing.emplace_back(call->name);
    } else {
      others[fmt::format("{}, {}", answer.verdict, Printable(answer.by))].emplace_back(call->name);
    }
  }
  std::string text = fmt::format("{}: {} of {}\n", group, passing.size(), Counted(calls.size(), "call"));
  if (!passing.empty()) text += Line("pass", Join(passing, ", "));
  for (const auto& [answer, names] : others) text += Line(answer, Join(names, ", "));
  return text;
}

std::string GroupsText(const advise::Surface& surface) {
  std::string text = "passing whatever the arguments, by group:\n";
  for (const auto group : SyscallGroups()) {
    const auto calls = OfGroup(surface, group);
    if (!calls.empty()) text += GroupText(group, calls);
  }
  return text;
}

// --- Flaws

std::string FlawText(const advise::Flaw& flaw) {
  std::vector<std::string> calls;
  for (const auto& way : flaw.ways) {
    if (way.closed == flaw.closed)
      calls.push_back(std::string(way.pair.call) + (way.by_ring ? " by io_uring" : ""));
  }
  return fmt::format("{} ({}; {})", flaw.cve, Join(calls, ", "), flaw.published ? "published" : "derived");
}

std::string FlawsText(const std::vector<advise::Flaw>& flaws) {
  constexpr std::pair<Closed, std::string_view> kOrder[] = {
      {Closed::kOpen, "left open"},
      {Closed::kDepends, "depends on arguments, or io_uring does it"},
      {Closed::kByArgument, "closed only by a condition on an argument"},
      {Closed::kClosed, "closed"}};
  std::string text =
      Line("published flaws of the kernel in the table (data/cves.csv; most are fixed in current kernels)",
           std::to_string(flaws.size()), 0);
  text += Line("published", "a source names the call; derived: the call was concluded from the description");
  for (const auto& [closed, label] : kOrder) {
    std::vector<std::string> list;
    for (const auto& flaw : flaws) {
      if (flaw.closed == closed) list.push_back(FlawText(flaw));
    }
    text += Line(fmt::format("{} ({})", label, list.size()), list.empty() ? "-" : Join(list, ", "));
  }
  return text;
}

// --- JSON

json::Value CallOf(const AskedCall& call) {
  using Kind = optimize::Answer::Kind;
  const Kind kind = call.answer.kind;
  return json::Object({{"call", call.name},
                       {"number", call.number},
                       {"passes", kind == Kind::kAllowed   ? "yes"
                                  : kind == Kind::kDepends ? "depends"
                                                           : "no"},
                       {"verdict", call.answer.verdict},
                       {"by", Printable(call.answer.by)}});
}

json::Value GroupsJson(const advise::Surface& surface) {
  json::Value groups = json::Array();
  for (const auto group : SyscallGroups()) {
    json::Value calls = json::Array();
    for (const auto* call : OfGroup(surface, group)) calls.items.push_back(CallOf(*call));
    groups.items.push_back(json::Object({{"group", group}, {"calls", std::move(calls)}}));
  }
  return groups;
}

json::Value FlawsJson(const advise::Surface& surface, const std::vector<advise::Flaw>& flaws) {
  json::Value list = json::Array();
  for (const auto& flaw : flaws) {
    json::Value ways = json::Array();
    for (const auto& way : flaw.ways) {
      ways.items.push_back(
          json::Object({{"call", way.pair.call},
                        {"state", ClosedName(way.closed)},
                        {"through", way.by_ring ? kRing : ""},
                        {"certainty", way.pair.published ? "published" : "derived"},
                        {"source", way.pair.source},
                        {"argument_rule", advise::ArgumentRuleText(surface.native, way.pair)}}));
    }
    list.items.push_back(json::Object({{"cve", flaw.cve},
                                       {"state", ClosedName(flaw.closed)},
                                       {"certainty", flaw.published ? "published" : "derived"},
                                       {"ways", std::move(ways)}}));
  }
  return list;
}

}  // namespace

std::string PointsText(const advise::Score& score) {
  return fmt::format("{} of {} points ({:.1f} %)", score.points, score.most, score.percent());
}

json::Value ScoreJson(const advise::Score& score) {
  json::Value parts = json::Array();
  for (const auto& part : score.parts) {
    parts.items.push_back(json::Object(
        {{"part", part.name}, {"points", part.points}, {"unfiltered", part.most}, {"count", part.count}}));
  }
  json::Value calls = json::Array();
  for (const auto& call : score.calls) {
    calls.items.push_back(json::Object({{"call", call.name},
                                        {"points", call.sum()},
                                        {"open", call.open},
                                        {"risk", call.risk},
                                        {"flaws", call.flaws},
                                        {"halved", call.halved}}));
  }
  return json::Object({{"points", score.points},
                       {"unfiltered", score.most},
                       {"parts", std::move(parts)},
                       {"calls", std::move(calls)}});
}

std::string ProfileText(const ExplainedProfile& profile) {
  std::string text = Printable(profile.name);
  if (!profile.target.empty()) text += " on " + profile.target;
  text += "\n";
  const auto& compiled = profile.compiled;
  if (compiled.state == Compiled::State::kRefused)
    return text + fmt::format("the target does not take it: {}\n", Printable(compiled.LocatedWhy()));
  if (compiled.state == Compiled::State::kUnconfined)
    text += fmt::format("no filter is installed: {}\n", Printable(compiled.LocatedWhy()));
  if (const auto answer = DefaultText(profile); !answer.empty()) text += fmt::format("default: {}\n", answer);
  text += WrapText(OpenText(profile.surface), std::string(4, ' '), "") + "\n";
  text += AnswersText(profile.surface) + "\n";
  text += ScoreText(profile.score) + "\n";
  text += GroupsText(profile.surface) + "\n";
  return text + FlawsText(profile.flaws);
}

json::Value ProfileJson(const ExplainedProfile& profile) {
  json::Value value = json::Object({{"profile", profile.name},
                                    {"target", profile.target},
                                    {"state", StateName(profile.compiled.state)},
                                    {"why", Printable(profile.compiled.LocatedWhy())},
                                    {"default", DefaultText(profile)}});
  if (profile.compiled.state == Compiled::State::kRefused) return value;
  json::Value abis = json::Array();
  for (const Abi abi : profile.surface.other_abis) abis.items.emplace_back(AbiName(abi));
  value.Set("other_abis", std::move(abis));
  value.Set("answers", AnswersJson(profile.surface));
  value.Set("score", ScoreJson(profile.score));
  value.Set("groups", GroupsJson(profile.surface));
  value.Set("flaws", FlawsJson(profile.surface, profile.flaws));
  return value;
}

}  // namespace whittle::report
