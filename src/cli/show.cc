// `whittle show`: what evidence holds.
#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "cli/counts_flags.h"
#include "cli/verb.h"
#include "evidence/evidence.h"
#include "report/summary.h"

namespace whittle::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  bool calls = false;
  bool arrived = false;
  bool gaps = false;
  bool json = false;
  CountsFlags counts;
};

Result<int> Run(const Options& options) {
  const auto evidence = TRY(evidence::ReadEvidenceFiles(options.files));
  const auto subjects = options.arrived ? report::Subjects::kAll : report::Subjects::kWorkload;
  if (options.counts.wanted) return PrintCounts(evidence, options.counts, options.json);
  if (options.json) {
    fmt::print("{}", json::Write(report::SummaryJson(evidence)));
  } else if (options.calls) {
    fmt::print("{}", report::CallLines(evidence, subjects));
  } else if (options.gaps) {
    fmt::print("{}", report::GapLines(evidence));
  } else {
    fmt::print("{}", report::SummaryText(evidence));
  }
  return kYes;
}

}  // namespace

Verb ShowVerb() {
  return {"show", "what evidence holds: subjects, calls, completeness, gaps",
          "  whittle show web.evidence.json\n  whittle show web.evidence.json --calls | cut -f4 | sort -u",
          [](CLI::App& app) {
            auto options = std::make_shared<Options>();
            app.add_option("evidence", options->files,
                           "evidence files, or - for standard input; several are merged")
                ->required();
            auto* calls = app.add_flag("--calls", options->calls,
                                       "one line an observation: container, executable, ABI, call, fate");
            app.add_flag("--arrived", options->arrived,
                         "with --calls: also what came from outside (the runtime, docker exec)")
                ->needs(calls);
            auto* gaps =
                app.add_flag("--gaps", options->gaps, "one line a gap: recording, kind, count, detail");
            auto* json = app.add_flag("--json", options->json, "everything, or with --counts these, as JSON");
            auto* counts = AddCountsFlags(app, options->counts);
            calls->excludes(gaps)->excludes(json)->excludes(counts);
            gaps->excludes(counts);
            gaps->excludes(json);
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli
