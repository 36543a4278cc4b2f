// `whittle profile`: profiles by hand, from one of the catalogue or a file.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/compose.h"
#include "cli/filter_source.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "evidence/evidence.h"
#include "filter/compile.h"
#include "optimize/generate.h"
#include "optimize/verify.h"
#include "profile/catalogue.h"
#include "profile/edit.h"
#include "syscalls/facts.h"
#include "syscalls/table.h"

namespace whittle::cli {
namespace {

using profile::Action;
using profile::Edited;

struct Options {
  std::string from;
  std::vector<std::string> remove, add;
  std::string deny;
  std::string output = "-";
  bool list_as_json = false;
  TargetFlags target;
};

Action ActionOfDeny(optimize::Deny deny) {
  switch (deny) {
    case optimize::Deny::kLog:
      return Action::kLog;
    case optimize::Deny::kKill:
      return Action::kKillProcess;
    case optimize::Deny::kErrno:
      break;
  }
  return Action::kErrno;
}

Result<profile::Edit> EditOf(const Options& options) {
  profile::Edit edit{options.remove, options.add, {}};
  if (!options.deny.empty()) edit.deny = ActionOfDeny(TRY(optimize::ParseDeny(options.deny)));
  return edit;
}

std::string JoinNames(const std::set<std::string>& names) {
  return Join(std::vector(names.begin(), names.end()), ", ");
}

// What the calls get on the target, as a line for each answer: not what the document seems to say.
Result<std::string> AnswersText(const std::string& what, const std::set<std::string>& calls,
                                const optimize::Judge& judge, Abi native) {
  std::map<std::string, std::set<std::string>> by_verdict;
  for (const auto& call : calls) {
    const auto number = SyscallNumber(native, call);
    const std::string verdict = number ? TRY(judge.Ask(native, *number)).verdict : "";
    by_verdict[verdict].insert(call);
  }
  std::string text;
  for (const auto& [verdict, names] : by_verdict) {
    const std::string answer =
        verdict.empty()
            ? fmt::format("{} has no such call; the document says so for other ABIs", AbiName(native))
            : verdict;
    text += fmt::format("{}: {}: {}\n", what, JoinNames(names), answer);
  }
  return text;
}

// Calls that still do the job of a removed one, and why they can.
using Ways = std::map<std::pair<std::string, std::string>, std::string>;

void TakeWay(Ways& ways, const Edited& edited, std::string_view call, std::string_view other,
             std::string_view reason) {
  const std::string removed(call), way(other);
  if (way.empty() || !edited.removed.contains(removed) || edited.removed.contains(way)) return;
  if (profile::MayPass(edited.document, way)) ways.try_emplace({removed, way}, reason);
}

Ways OpenWays(const Edited& edited) {
  Ways ways;
  for (const auto& row : Equivalents()) TakeWay(ways, edited, row.call, row.also, row.reason);
  for (const auto& row : Equivalents())
    TakeWay(ways, edited, row.also, row.call, "libraries take one for the other");
  for (const auto& row : Detours()) {
    TakeWay(ways, edited, row.call, row.also, row.reason);
    if (row.back) TakeWay(ways, edited, row.also, row.call, row.reason);
  }
  return ways;
}

// One that the target refuses may pass with other capabilities, or where another loader reads the document.
Result<std::string> WaysText(const Edited& edited, const optimize::Judge& judge, Abi native) {
  std::string text;
  for (const auto& [pair, reason] : OpenWays(edited)) {
    const auto& [removed, way] = pair;
    const auto number = SyscallNumber(native, way);
    const bool refused = number && TRY(judge.Ask(native, *number)).kind == optimize::Answer::Kind::kRefused;
    text += refused ? fmt::format(
                          "note: {} can do the job of {} ({}); it is refused here, and allowed with other "
                          "capabilities or by other loaders\n",
                          way, removed, reason)
                    : fmt::format("warning: {} is still allowed, and can do the job of {} ({})\n", way,
                                  removed, reason);
  }
  return text;
}

std::string RiskText(const Edited& edited) {
  constexpr int kUsualWayOut = 3;
  std::string text;
  for (const auto& call : edited.added) {
    const auto risk = SyscallRisk(call);
    const bool makes_namespaces = call == "clone" || call == "clone3";
    if (!risk || (risk->level != kUsualWayOut && !makes_namespaces)) continue;
    text += fmt::format(
        "warning: {}: {}{}\n", call, risk->reason,
        makes_namespaces ? "; a profile of 'whittle generate' closes that (docs/generate.md)" : "");
  }
  return text;
}

// What the runtime itself calls under the filter, before the program starts.
Result<std::string> StartText(const optimize::Judge& judge, const profile::Target& target) {
  using Kind = optimize::Answer::Kind;
  const auto verification = TRY(optimize::Verify(judge, target, evidence::Evidence()));
  std::string text;
  for (const Kind kind : {Kind::kRefused, Kind::kDepends}) {
    std::set<std::string> calls;
    for (const auto& [row, answer] : verification.baseline_refused_as(kind)) calls.insert(row.call);
    if (calls.empty()) continue;
    text += fmt::format("warning: {} itself needs {} after it has loaded the filter: {}\n",
                        verification.baseline.measured, JoinNames(calls),
                        kind == Kind::kRefused ? "no container starts" : "maybe no container starts");
  }
  return text;
}

// What is lost with members of Docker's own format where nobody reads them.
std::string LossText(const std::vector<std::string>& ignored) {
  const auto has = [&](std::string_view member) {
    return std::ranges::find(ignored, member) != ignored.end();
  };
  std::string text;
  if (has("includes") || has("excludes"))
    text += "; there entries that have such a condition hold for everybody";
  if (has("archMap")) text += "; there only the native ABI is filtered as written, and others are killed";
  return text;
}

// Under the target's loader, or on a node with containerd, the document may not be what was just said of it.
Result<std::string> UnreadText(const profile::Document& document, const optimize::Judge& judge,
                               profile::Target target) {
  if (const auto& ignored = judge.compiled().ignored; !ignored.empty()) {
    return fmt::format("warning: {} {} ignores {}{}\n", LoaderName(target.loader),
                       target.loader_version.Text(), Join(ignored, ", "), LossText(ignored));
  }
  target.loader = profile::Loader::kOci;
  target.loader_version = {2, 1, 0};
  const auto ignored = TRY(filter::Compile(document, target)).ignored;
  if (ignored.empty()) return "";
  return fmt::format(
      "note: containerd, so most nodes of Kubernetes, ignores {}{}: 'whittle convert --to oci' makes a file "
      "for it\n",
      Join(ignored, ", "), LossText(ignored));
}

Result<std::string> WhatChanged(const profile::Document& origin, const Edited& edited,
                                const Options& options) {
  const auto chosen = TRY(ChooseTarget(options.target));
  WarnOfOtherVersion(origin, chosen.target);
  const auto judge = TRY(optimize::Judge::Create(edited.document, chosen.target));
  std::string text = fmt::format("target: {} ({})\n", chosen.target.Text(), Printable(chosen.why));
  if (judge.compiled().state != filter::Compiled::State::kFiltered)
    return text + fmt::format("warning: no filter there: {}\n", Printable(judge.compiled().LocatedWhy()));
  text += TRY(AnswersText("removed", edited.removed, judge, chosen.target.arch));
  text += TRY(AnswersText("added", edited.added, judge, chosen.target.arch));
  text += TRY(AnswersText("refused before", edited.refused_before, judge, chosen.target.arch));
  text += TRY(AnswersText("allowed before", edited.allowed_before, judge, chosen.target.arch));
  if (!options.deny.empty() && edited.document.default_action == Action::kLog)
    text +=
        "warning: what is refused is let pass and logged: this shows what would be refused, and stops "
        "nothing\n";
  text += TRY(WaysText(edited, judge, chosen.target.arch)) + RiskText(edited);
  text += TRY(StartText(judge, chosen.target));
  return text + TRY(UnreadText(edited.document, judge, chosen.target));
}

Result<int> RunNew(const Options& options) {
  const auto edit = TRY(EditOf(options));
  const auto origin = TRY(profile::ReadProfile(options.from));
  const auto edited = TRY(profile::Apply(origin, edit));
  const std::string changes = TRY(WhatChanged(origin, edited, options));
  TRY(WriteFile(options.output, profile::Write(edited.document)));
  fmt::print(stderr, "{}", changes);
  if (options.output != "-") fmt::print(stderr, "written: {}\n", Printable(options.output));
  return kYes;
}

Result<int> RunList(bool as_json) {
  if (as_json) {
    json::Value list = json::Array();
    for (const auto& entry : profile::Catalogue())
      list.items.push_back(json::Object({{"name", entry.name}, {"summary", entry.summary}}));
    fmt::print("{}\n", json::Write(list));
    return kYes;
  }
  for (const auto& entry : profile::Catalogue()) fmt::print("{:<18} {}\n", entry.name, entry.summary);
  return kYes;
}

void DefineNew(Flags flags, Options& options) {
  flags.Option("--from", options.from, "a name of the catalogue (whittle profile list), a file, or -")
      .Required();
  flags.Option("--remove", options.remove, "calls to be refused: names, with commas between them")
      .SplitAt(',');
  flags.Option("--add", options.add, "calls to be let pass, whatever their arguments").SplitAt(',');
  flags.Option(
      "--deny", options.deny,
      "what refused calls get: errno (EPERM), log (let pass and logged), or kill; default: as it was, errno "
      "for removed ones");
  flags.Option("-o,--output", options.output, "where to write; - is standard output").ShowDefault();
  AddTargetFlags(flags, options.target);
}

Flags DefineCompose(Flags profile, const char* name, const char* help, ComposeFlags& compose) {
  Flags flags = profile.Command(name, help);
  flags.Positional("profiles", compose.profiles, "files, names of the catalogue, or -").Required().AtLeast(2);
  flags.Option("-o,--output", compose.output, "where to write; - is standard output (the default)");
  flags.Switch("--json", compose.json, "what was proven, as JSON; needs -o FILE");
  AddComposeFlags(flags, compose);
  return flags;
}

}  // namespace

Verb ProfileVerb() {
  return {"profile", "make a profile from others (new, intersect, subtract), or list the catalogue (list)",
          "  whittle profile new --from docker-default --remove chmod,fchmod,fchmodat,fchmodat2 -o "
          "no-chmod.json\n"
          "  whittle profile new --from web.json --add openat2 -o wider.json\n"
          "  whittle profile intersect node-baseline.json web.json -o web-on-node.json\n"
          "  whittle profile subtract docker-default web.json       # what web.json does without\n"
          "  whittle profile list",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            auto compose = std::make_shared<ComposeFlags>();
            DefineNew(flags.Command("new", "another profile with calls removed or added"), *options);
            Flags list = flags.Command("list", "the profiles that have a name");
            list.Switch("--json", options->list_as_json, "as JSON");
            const Flags both = DefineCompose(flags, "intersect", "what all of them let pass", *compose);
            const Flags rest =
                DefineCompose(flags, "subtract", "the first without what others let pass, too", *compose);
            return [=] {
              if (both.Given()) return RunCompose(algebra::Operation::kIntersect, *compose);
              if (rest.Given()) return RunCompose(algebra::Operation::kSubtract, *compose);
              return list.Given() ? RunList(options->list_as_json) : RunNew(*options);
            };
          }};
}

}  // namespace whittle::cli
