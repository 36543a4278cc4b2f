// `whittle merge`: evidence of replicas, nodes and days as one.
#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "cli/verb.h"
#include "evidence/evidence.h"
#include "report/summary.h"

namespace whittle::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string output = "-";
};

Result<int> Run(const Options& options) {
  const auto evidence = TRY(evidence::ReadEvidenceFiles(options.files));
  TRY(WriteFile(options.output, evidence::Write(evidence)));
  fmt::print(stderr, "merged {}: {}, {}\n", report::Counted(evidence.recordings.size(), "recording"),
             report::Counted(evidence.subjects.size(), "subject"),
             report::Counted(evidence.gaps.size(), "gap"));
  return kYes;
}

}  // namespace

Verb MergeVerb() {
  return {"merge", "evidence of replicas, nodes and days as one; the order does not matter",
          "  whittle merge web-1.evidence.json web-2.evidence.json -o web.evidence.json", [](CLI::App& app) {
            auto options = std::make_shared<Options>();
            app.add_option("evidence", options->files, "evidence files, or - for standard input")->required();
            app.add_option("-o,--output", options->output, "where to write; - is standard output")
                ->capture_default_str();
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli
