#include "cli/baseline_check.h"

#include <fmt/core.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/filter_source.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "container/engines.h"
#include "container/runtime.h"
#include "container/target.h"
#include "optimize/drift.h"

namespace whittle::cli {
namespace {

using optimize::Drift;

struct Host {
  profile::Target target;
  std::string why;
};

// A runtime that is named with a version is not asked for.
Result<Host> NamedHost(const std::string& text) {
  TargetFlags flags;
  flags.loader = "docker";
  flags.runtime = text;
  const auto chosen = TRY(ChooseTarget(flags));
  return Host{chosen.target, "as named on the command line"};
}

Result<Host> HostOf(const BaselineCheck& check) {
  if (check.runtime.find(':') != std::string::npos) return NamedHost(check.runtime);
  std::optional<container::EngineKind> kind;
  if (!check.engine.empty()) kind = TRY(container::ParseEngineKind(check.engine));
  const auto engines = container::Engines::Find(kind);
  if (!engines.answering().empty()) {
    const auto host = TRY(container::TargetOfEngine(engines.answering().front()->info(), check.runtime));
    return Host{host.target, host.why};
  }
  if (!check.engine.empty()) TRY(engines.RequireOne());
  const auto program = TRY(container::AskRuntime(check.runtime.empty() ? "runc" : check.runtime));
  auto host =
      TRY(NamedHost(fmt::format("{}:{}", profile::RuntimeName(program.runtime), program.version.Text())));
  host.why = "no engine answers; " + program.path;
  return host;
}

std::vector<std::string> Names(const std::vector<optimize::RefusedRow>& rows) {
  std::vector<std::string> names;
  for (const auto& [row, answer] : rows) names.push_back(row.call);
  return names;
}

json::Value TextList(const std::vector<std::string>& texts) {
  json::Value list = json::Array();
  for (const auto& text : texts) list.items.emplace_back(text);
  return list;
}

std::string JsonOf(const BaselineCheck& check, const Host& host, const Drift& drift) {
  const auto optional = [](const auto& id) { return id ? json::Value(id->Text()) : json::Value(); };
  return json::Write(json::Object({{"verdict", optimize::VerdictName(drift.verdict)},
                                   {"host", drift.host.Text()},
                                   {"host_from", host.why},
                                   {"made_for", optional(drift.made_for)},
                                   {"profile", check.profile},
                                   {"measured", drift.next.measured},
                                   {"doubt", drift.next.doubt},
                                   {"new_calls", TextList(drift.new_calls)},
                                   {"gone_calls", TextList(drift.gone_calls)},
                                   {"refused", TextList(Names(drift.refused))},
                                   {"spare", TextList(Names(drift.tolerated))},
                                   {"refused_because", drift.refused_because}}));
}

std::string RuntimesText(const Host& host, const Drift& drift) {
  std::string text = fmt::format("runtime of this host: {} ({})\n", drift.host.Text(), Printable(host.why));
  if (!drift.made_for) return text + "made for: not known; --made-for RUNTIME-VERSION says it\n";
  text += fmt::format("made for: {}\n", drift.made_for->Text());
  if (!drift.new_calls.empty()) text += fmt::format("it makes new calls: {}\n", Join(drift.new_calls, " "));
  if (!drift.gone_calls.empty()) text += fmt::format("it makes no more: {}\n", Join(drift.gone_calls, " "));
  return text;
}

std::string VerdictText(const BaselineCheck& check, const Drift& drift) {
  const bool profile = !check.profile.empty();
  switch (drift.verdict) {
    case Drift::Verdict::kBreaks:
      if (!drift.refused_because.empty())
        return fmt::format("BREAKS: {} loads no filter of this profile: {}\n", drift.host.Text(),
                           drift.refused_because);
      return fmt::format(
          "BREAKS: the profile refuses what {0} needs to start a container: {1}\n"
          "change: whittle profile new --from {2} --add {3} -o wider.json\n",
          drift.host.Text(), Join(Names(drift.refused), " "), Printable(check.profile),
          Join(Names(drift.refused), ","));
    case Drift::Verdict::kUnknown:
      return fmt::format("NOT KNOWN: {}\n", drift.next.doubt);
    case Drift::Verdict::kCovered:
      return profile ? "covered: the profile lets the new calls pass\n"
                     : "other calls: profiles that were made for the old one have to be looked at\n";
    case Drift::Verdict::kSame:
      break;
  }
  return profile ? "covered: the profile lets all pass that the runtime needs\n" : "no drift\n";
}

}  // namespace

Result<int> CheckBaseline(const BaselineCheck& check) {
  Host host = TRY(HostOf(check));
  std::optional<profile::Document> document;
  std::optional<optimize::RuntimeId> made_for;
  if (!check.profile.empty()) {
    document = TRY(profile::ReadProfile(check.profile, profile::Reading::kAsRuntimes));
    if (const auto made = optimize::MadeForOf(*document)) {
      made_for = made->runtime;
      host.target.no_new_privs = made->no_new_privs;
    }
  }
  if (document) WarnOfOtherVersion(*document, host.target);
  if (!check.made_for.empty()) made_for = TRY(optimize::ParseRuntimeId(check.made_for));
  if (!document && !made_for) {
    return Fail(ErrorCode::kUsage,
                "--check compares with a profile, or with --made-for RUNTIME-VERSION: give one");
  }
  std::optional<optimize::Baseline> measured;
  if (!check.measured.empty()) measured = TRY(optimize::ReadBaseline(check.measured, host.target));
  const auto drift =
      TRY(optimize::CompareRuntimes(host.target, made_for, document ? &*document : nullptr, measured));
  if (check.json) {
    fmt::print("{}", JsonOf(check, host, drift));
  } else {
    fmt::print("{}{}", RuntimesText(host, drift), VerdictText(check, drift));
  }
  const bool other_calls = !document && drift.verdict == Drift::Verdict::kCovered;
  const bool good =
      drift.verdict == Drift::Verdict::kSame || (drift.verdict == Drift::Verdict::kCovered && !other_calls);
  return good ? kYes : kNo;
}

}  // namespace whittle::cli
