// `whittle merge`: evidence of replicas, nodes and days as one.
#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "cli/counts_flags.h"
#include "cli/verb.h"
#include "evidence/evidence.h"
#include "report/summary.h"

namespace whittle::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string output;
  CountsFlags counts;
  bool json = false;
};

Result<int> Run(const Options& options) {
  const auto evidence = TRY(evidence::ReadEvidenceFiles(options.files));
  const bool write = !options.output.empty() || !options.counts.wanted;
  if (options.counts.wanted && options.output == "-") {
    return Fail(ErrorCode::kUsage, "say where the evidence goes (-o FILE): standard output has the counts");
  }
  if (write) TRY(WriteFile(options.output.empty() ? "-" : options.output, evidence::Write(evidence)));
  fmt::print(stderr, "merged {}: {}, {}\n", report::Counted(evidence.recordings.size(), "recording"),
             report::Counted(evidence.subjects.size(), "subject"),
             report::Counted(evidence.gaps.size(), "gap"));
  if (options.counts.wanted) return PrintCounts(evidence, options.counts, options.json);
  return kYes;
}

}  // namespace

Verb MergeVerb() {
  return {"merge", "evidence of replicas, nodes and days as one; the order does not matter",
          "  whittle merge web-1.evidence.json web-2.evidence.json -o web.evidence.json\n"
          "  whittle merge web-*.evidence.json --counts",
          [](CLI::App& app) {
            auto options = std::make_shared<Options>();
            app.add_option("evidence", options->files, "evidence files, or - for standard input")->required();
            app.add_option("-o,--output", options->output,
                           "where to write; - is standard output (the default, but with --counts)");
            auto* counts = AddCountsFlags(app, options->counts);
            app.add_flag("--json", options->json, "the counts, as JSON")->needs(counts);
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli
