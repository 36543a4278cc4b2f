// `whittle baseline`: measures what a container runtime itself calls under a filter, on this host.
#include <fmt/core.h>

#include <map>
#include <tuple>

#include "base/file.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/text.h"
#include "cli/baseline_check.h"
#include "cli/verb.h"
#include "container/baseline.h"
#include "optimize/baseline.h"

namespace whittle::cli {
namespace {

struct Options {
  std::string engine;
  std::string runtime;
  uint32_t starts = 50;
  uint32_t tries = 3;
  std::string out = "-";
  bool json = false;
  bool known = false;
  bool check = false;
  BaselineCheck drift;
};

json::Value RowJson(const container::BaselineRow& row) {
  return json::Object({{"phase", container::PhaseName(row.phase)},
                       {"no_new_privs", row.no_new_privs},
                       {"abi", AbiName(row.abi)},
                       {"call", row.call},
                       {"seen", row.seen},
                       {"starts", row.starts},
                       {"reason", row.reason},
                       {"needed", row.needed ? json::Value(*row.needed) : json::Value()}});
}

std::string JsonOf(const container::Baseline& baseline) {
  std::vector<json::Value> rows;
  for (const auto& row : baseline.rows) rows.push_back(RowJson(row));
  return json::Write(json::Object({{"runtime", profile::RuntimeName(baseline.target.runtime)},
                                   {"version", baseline.target.runtime_version.Text()},
                                   {"engine", baseline.engine_text},
                                   {"target", baseline.target.Text()},
                                   {"rows", json::Array(std::move(rows))}}));
}

// One group of the tables: a runtime's version, a phase, with or without no_new_privs.
using Group = std::tuple<std::string, profile::Version, std::string, bool>;
struct Calls {
  std::vector<std::string> needed;
  std::vector<std::string> spare;
  bool tried = false;  // leaving calls out was; else all that are made count as needed
};

std::map<Group, Calls> KnownGroups() {
  std::map<Group, Calls> groups;
  for (const auto& row : optimize::MeasuredBaselines()) {
    Calls& calls = groups[{row.runtime, row.version, row.phase, row.no_new_privs}];
    calls.tried = calls.tried || row.need != optimize::Need::kUnknown;
    (row.need == optimize::Need::kTolerated ? calls.spare : calls.needed).push_back(row.call);
  }
  return groups;
}

json::Value TextList(const std::vector<std::string>& texts) {
  json::Value list = json::Array();
  for (const auto& text : texts) list.items.emplace_back(text);
  return list;
}

// The shipped tables; nothing is measured.
Result<int> ShowKnown(const Options& options) {
  std::string text;
  json::Value list = json::Array();
  for (const auto& [group, calls] : KnownGroups()) {
    const auto& [runtime, version, phase, no_new_privs] = group;
    list.items.push_back(json::Object({{"runtime", runtime},
                                       {"version", version.Text()},
                                       {"phase", phase},
                                       {"no_new_privs", no_new_privs},
                                       {calls.tried ? "needs" : "makes", TextList(calls.needed)},
                                       {"spare", TextList(calls.spare)}}));
    text += fmt::format("{} {} {} no_new_privs={} {}: {}{}\n", runtime, version.Text(), phase, no_new_privs,
                        calls.tried ? "needs" : "makes", Join(calls.needed, " "),
                        calls.spare.empty() ? "" : "; also makes: " + Join(calls.spare, " "));
  }
  TRY(WriteFile(options.out, options.json ? json::Write(list) : text));
  return kYes;
}

// What --check shares with measuring.
BaselineCheck WithShared(const Options& options) {
  BaselineCheck check = options.drift;
  check.engine = options.engine;
  check.runtime = options.runtime;
  check.json = options.json;
  return check;
}

Result<int> Run(const Options& options) {
  if (options.known) return ShowKnown(options);
  if (options.check) return CheckBaseline(WithShared(options));
  container::BaselinePlan plan;
  if (!options.engine.empty()) plan.engine = TRY(container::ParseEngineKind(options.engine));
  plan.runtime = options.runtime;
  plan.starts = options.starts;
  plan.tries = options.tries;
  Progress progress;
  const auto baseline =
      TRY(container::MeasureBaseline(plan, [&](const std::string& line) { progress.Show(line); }));
  progress.Say(fmt::format("measured {} of {}: {} rows", baseline.runtime_text, baseline.engine_text,
                           baseline.rows.size()));
  TRY(WriteFile(options.out, options.json ? JsonOf(baseline) : container::WriteBaselineCsv(baseline)));
  return kYes;
}

void AddCheckOptions(Flags flags, Options& options) {
  const Flag check =
      flags.Switch("--check", options.check,
                   "measure nothing: compare this host's runtime with the one that the profile was made for; "
                   "--runtime also takes runc:1.3.3, as if this host had it");
  flags.Positional("profile", options.drift.profile, "with --check: a profile").Needs(check);
  flags
      .Option("--made-for", options.drift.made_for,
              "with --check: the runtime that runs it now, as runc-1.1.5 (default: what the profile says)")
      .Needs(check);
  flags
      .Option("--measured", options.drift.measured,
              "with --check: a table of 'whittle baseline' for this host's runtime (default: what is known)")
      .Needs(check);
}

}  // namespace

Verb BaselineVerb() {
  return {
      "baseline",
      "measure the calls that this host's container runtime makes under a filter before the workload starts",
      "  sudo whittle baseline -o runc.csv\n"
      "  whittle baseline --known\n"
      "  whittle baseline --check web.json\n"
      "  whittle baseline --check --made-for runc-1.1.5 --runtime runc:1.3.3\n"
      "  sudo whittle baseline --engine podman --runtime crun --starts 100\n\n"
      "Starts N containers of each kind (about 0.4 s each), and N execs: docs/baselines.md.",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags.Option("--engine", options->engine, "docker or podman (default: docker if it answers)");
        flags.Option("--runtime", options->runtime, "the engine's runtime, by name (default: the engine's)");
        flags.Option("--starts", options->starts, "how many starts of each kind")
            .Between(1, 10'000)
            .ShowDefault();
        flags
            .Option(
                "--tries", options->tries,
                "how many starts of each kind without one call, to see whether it is needed; 0: not asked")
            .Between(0, 1000)
            .ShowDefault();
        flags.Option("-o,--output", options->out, "where to write the table (default: standard output)");
        flags.Switch("--known", options->known,
                     "measure nothing: print what is known of each runtime, and what of it a start needs");
        AddCheckOptions(flags, *options);
        flags.Switch("--json", options->json, "a JSON document instead of the table");
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli
