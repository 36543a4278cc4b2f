// `whittle show`: what evidence holds.
#include <fmt/core.h>

#include "cli/counts_flags.h"
#include "cli/verb.h"
#include "evidence/evidence.h"
#include "report/summary.h"

namespace whittle::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  bool calls = false;
  bool arguments = false;
  bool arrived = false;
  bool gaps = false;
  bool json = false;
  CountsFlags counts;
};

Result<int> Run(const Options& options) {
  if (options.arrived && !options.calls && !options.arguments)
    return Fail(ErrorCode::kUsage, "--arrived goes with --calls or --arguments");
  const auto evidence = TRY(evidence::ReadEvidenceFiles(options.files));
  const auto subjects = options.arrived ? report::Subjects::kAll : report::Subjects::kWorkload;
  if (options.counts.wanted) return PrintCounts(evidence, options.counts, options.json);
  if (options.json) {
    fmt::print("{}", json::Write(report::SummaryJson(evidence)));
  } else if (options.calls) {
    fmt::print("{}", report::CallLines(evidence, subjects));
  } else if (options.arguments) {
    fmt::print("{}", report::ArgumentLines(evidence, subjects));
  } else if (options.gaps) {
    fmt::print("{}", report::GapLines(evidence));
  } else {
    fmt::print("{}", report::SummaryText(evidence));
  }
  return kYes;
}

}  // namespace

Verb ShowVerb() {
  return {
      "show", "what evidence holds: subjects, calls, completeness, gaps",
      "  whittle show web.evidence.json\n  whittle show web.evidence.json --calls | cut -f4 | sort -u",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags
            .Positional("evidence", options->files,
                        "evidence files, or - for standard input; several are merged")
            .Required();
        const Flag calls = flags.Switch("--calls", options->calls,
                                        "one line an observation: container, executable, ABI, call, fate");
        const Flag arguments =
            flags.Switch("--arguments", options->arguments,
                         "one line a combination of arguments that was seen, of calls of which it is known");
        flags.Switch("--arrived", options->arrived,
                     "with --calls and --arguments: also what came from outside (the runtime, docker exec)");
        const Flag gaps =
            flags.Switch("--gaps", options->gaps, "one line a gap: recording, kind, count, detail");
        const Flag json =
            flags.Switch("--json", options->json, "everything, or with --counts these, as JSON");
        const Flag counts = AddCountsFlags(flags, options->counts);
        calls.Excludes(gaps).Excludes(json).Excludes(counts).Excludes(arguments);
        arguments.Excludes(gaps).Excludes(json).Excludes(counts);
        gaps.Excludes(counts);
        gaps.Excludes(json);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli
