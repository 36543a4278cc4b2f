// `whittle merge`: evidence of replicas, nodes and days as one; or profiles.
#include <fmt/core.h>

#include "base/file.h"
#include "cli/compose.h"
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
  ComposeFlags profiles;
};

Result<int> RunProfiles(const Options& options) {
  if (options.counts.wanted) return Fail(ErrorCode::kUsage, "--counts is for evidence; these are profiles");
  ComposeFlags flags = options.profiles;
  flags.profiles = options.files;
  flags.output = options.output;
  flags.json = options.json;
  return RunCompose(algebra::Operation::kMerge, flags);
}

Result<int> RunEvidence(const Options& options) {
  if (options.json && !options.counts.wanted)
    return Fail(ErrorCode::kUsage, "--json of evidence goes with --counts");
  if (options.profiles.exact) return Fail(ErrorCode::kUsage, "--exact is for profiles; this is evidence");
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

Result<int> Run(const Options& options) {
  return AreProfiles(options.files) ? RunProfiles(options) : RunEvidence(options);
}

}  // namespace

Verb MergeVerb() {
  return {"merge", "evidence of replicas, nodes and days as one, or profiles; the order does not matter",
          "  whittle merge web-1.evidence.json web-2.evidence.json -o web.evidence.json\n"
          "  whittle merge web-*.evidence.json --counts\n"
          "  whittle merge web-v1.json web-v2.json -o web.json      # profiles: what either lets pass",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            flags.Positional("evidence", options->files, "evidence files, or profiles; - is standard input")
                .Required();
            flags.Option("-o,--output", options->output,
                         "where to write; - is standard output (the default, but with --counts)");
            AddCountsFlags(flags, options->counts);
            flags.Switch("--json", options->json, "the counts, or what was proven of the profile, as JSON");
            AddComposeFlags(flags, options->profiles);
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli
