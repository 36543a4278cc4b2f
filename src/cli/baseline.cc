// `whittle baseline`: measures what a container runtime itself calls under a filter, on this host.
#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/progress.h"
#include "cli/verb.h"
#include "container/baseline.h"

namespace whittle::cli {
namespace {

struct Options {
  std::string engine;
  std::string runtime;
  uint32_t starts = 50;
  uint32_t tries = 3;
  std::string out = "-";
  bool json = false;
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

Result<int> Run(const Options& options) {
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

}  // namespace

Verb BaselineVerb() {
  return {
      "baseline",
      "measure the calls that this host's container runtime makes under a filter before the workload starts",
      "  sudo whittle baseline -o runc.csv\n"
      "  sudo whittle baseline --engine podman --runtime crun --starts 100\n\n"
      "Starts N containers of each kind (about 0.4 s each), and N execs: docs/baselines.md.",
      [](CLI::App& app) {
        auto options = std::make_shared<Options>();
        app.add_option("--engine", options->engine, "docker or podman (default: docker if it answers)");
        app.add_option("--runtime", options->runtime,
                       "the engine's runtime, by name (default: the engine's)");
        app.add_option("--starts", options->starts, "how many starts of each kind")
            ->check(CLI::Range(1, 10'000))
            ->capture_default_str();
        app.add_option(
               "--tries", options->tries,
               "how many starts of each kind without one call, to see whether it is needed; 0: not asked")
            ->check(CLI::Range(0, 1000))
            ->capture_default_str();
        app.add_option("-o,--output", options->out, "where to write the table (default: standard output)");
        app.add_flag("--json", options->json, "a JSON document instead of the table");
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli
