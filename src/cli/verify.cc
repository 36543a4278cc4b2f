// `whittle verify`: would a workload that does what the evidence says still work under a profile, or under
// the filters of a living process?
#include <fmt/core.h>

#include "base/text.h"
#include "cli/filter_source.h"
#include "cli/forms.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "cli/version.h"
#include "optimize/verify.h"
#include "report/verified.h"

namespace whittle::cli {
namespace {

struct Options {
  std::string profile;
  std::vector<std::string> files;
  std::string baseline;
  std::string old_baseline;
  FormFlags forms;
  TargetFlags target;
};

// What is judged, as far as a target decides about it.
Result<profile::Target> TargetOf(const Options& options, const FilterSource& source) {
  const bool asks_runtime = !options.baseline.empty() || !options.old_baseline.empty();
  if (!source.needs_target() && !asks_runtime) return profile::Target();
  return std::move(TRY(ChooseTarget(options.target)).target);
}

// Filters that are installed let their runtime pass already: whose calls they should let pass next is said.
Result<optimize::RuntimeCalls> RuntimeCallsOf(const Options& options, const FilterSource& source,
                                              const profile::Target& target) {
  optimize::RuntimeCalls runtime;
  if (!options.baseline.empty()) {
    runtime.next = TRY(optimize::ReadBaseline(options.baseline, target));
  } else if (!source.needs_target()) {
    runtime.next.emplace().doubt = "filters as they are installed; --baseline asks about a runtime";
  }
  if (!options.old_baseline.empty()) runtime.now = TRY(optimize::ReadBaseline(options.old_baseline, target));
  return runtime;
}

FormWriters WritersOf(const std::string& profile, const optimize::Verification& verification,
                      const profile::Target* target) {
  return {[&, target](bool) { return report::VerificationText(verification, profile, target); },
          [&, target] { return report::VerificationJson(verification, profile, target); },
          [&, target] { return report::VerificationMarkdown(verification, profile, target); },
          [&] { return report::VerificationSarif(verification, profile, kVersion); }};
}

Result<int> Run(const Options& options) {
  const auto forms = TRY(FormsOf(options.forms));
  const auto source =
      TRY(OpenFilterSource(options.profile, profile::Reading::kAsRuntimes, Objects::kAsAnEngine));
  const auto evidence = TRY(evidence::ReadEvidenceFiles(options.files));
  if (!options.files.empty()) TRY(optimize::NeedWorkload(evidence));
  const auto target = TRY(TargetOf(options, source));
  const auto judge = TRY(JudgeOf(source, target));
  const auto runtime = TRY(RuntimeCallsOf(options, source, target));
  const auto verification = TRY(optimize::Verify(judge, target, evidence, runtime));
  TRY(WriteForms(forms, WritersOf(options.profile, verification, source.needs_target() ? &target : nullptr)));
  return verification.passed() ? kYes : kNo;
}

}  // namespace

Verb VerifyVerb() {
  return {
      "verify",
      "would a workload that does what the evidence says still work under a profile, or a living filter?",
      "  whittle verify profile.json web.evidence.json\n"
      "  whittle verify docker-default web.evidence.json --runtime crun\n"
      "  whittle verify container:web web.evidence.json\n"
      "  whittle verify profile.json --baseline new-runc.csv --old-baseline runc:1.1.5",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags
            .Positional("profile", options->profile,
                        "a file, -, a name (docker-default, ...), pid:N or container:NAME")
            .Required();
        flags.Positional("evidence", options->files,
                         "evidence files, or - for standard input; several are merged; none: "
                         "only the runtime's own calls are checked");
        flags.Option(
            "--baseline", options->baseline,
            "the calls of the runtime that will run the profile: a table of 'whittle baseline', a list of "
            "names, or runc:1.1.5 (default: what is known for the target)");
        flags.Option("--old-baseline", options->old_baseline,
                     "the same of the runtime that runs it now: what that needs, too, is a warning only");
        AddFormFlags(flags, options->forms);
        AddTargetFlags(flags, options->target);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli
