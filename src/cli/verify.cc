// `whittle verify`: would a workload that does what the evidence says still work under a profile?
#include <fmt/core.h>

#include "base/text.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "filter/compile.h"
#include "optimize/verify.h"
#include "report/verified.h"

namespace whittle::cli {
namespace {

struct Options {
  std::string profile;
  std::vector<std::string> files;
  std::string baseline;
  std::string old_baseline;
  bool json = false;
  TargetFlags target;
};

Result<int> Run(const Options& options) {
  const auto document = TRY(profile::ReadProfile(options.profile, profile::Reading::kAsRuntimes));
  for (const auto& warning : document.warnings) fmt::print(stderr, "warning: {}\n", warning);
  for (const auto& name : profile::UnknownNames(document)) fmt::print(stderr, "warning: {}\n", name);
  const auto evidence = TRY(evidence::ReadEvidenceFiles(options.files));
  const auto chosen = TRY(ChooseTarget(options.target));
  optimize::RuntimeCalls runtime;
  if (!options.baseline.empty()) runtime.next = TRY(optimize::ReadBaseline(options.baseline, chosen.target));
  if (!options.old_baseline.empty())
    runtime.now = TRY(optimize::ReadBaseline(options.old_baseline, chosen.target));
  const auto verification = TRY(optimize::Verify(document, chosen.target, evidence, runtime));
  const auto compiled = TRY(filter::Compile(document, chosen.target));
  for (const auto& warning : compiled.warnings) fmt::print(stderr, "warning: {}\n", Printable(warning));
  if (options.json) {
    fmt::print("{}", json::Write(report::VerificationJson(verification, options.profile, chosen.target)));
  } else {
    fmt::print("{}", report::VerificationText(verification, options.profile, chosen.target));
  }
  return verification.passed() ? kYes : kNo;
}

}  // namespace

Verb VerifyVerb() {
  return {
      "verify", "would a workload that does what the evidence says still work under a profile?",
      "  whittle verify profile.json web.evidence.json\n  whittle verify docker-default "
      "web.evidence.json --runtime crun\n  whittle verify profile.json --baseline new-runc.csv "
      "--old-baseline "
      "runc:1.1.5",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags.Positional("profile", options->profile, "a profile, or docker-default").Required();
        flags.Positional("evidence", options->files,
                         "evidence files, or - for standard input; several are merged; none: "
                         "only the runtime's own calls are checked");
        flags.Option(
            "--baseline", options->baseline,
            "the calls of the runtime that will run the profile: a table of 'whittle baseline', a list of "
            "names, or runc:1.1.5 (default: what is known for the target)");
        flags.Option("--old-baseline", options->old_baseline,
                     "the same of the runtime that runs it now: what that needs, too, is a warning only");
        flags.Switch("--json", options->json, "as JSON");
        AddTargetFlags(flags, options->target);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli
