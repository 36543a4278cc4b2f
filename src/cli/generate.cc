// `whittle generate`: the smallest profile that lets the evidence pass.
#include <fmt/core.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "optimize/generate.h"
#include "report/generated.h"

namespace whittle::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string output = "-";
  std::string level = "strict";
  std::string arguments = "safe";
  std::string deny = "errno";
  std::string baseline;
  bool allow_denied = false;
  bool suggest = false;
  bool one_arch = false;
  TargetFlags target;
};

Result<int> Run(const Options& given) {
  optimize::Options options;
  options.level = TRY(optimize::ParseLevel(given.level));
  options.deny = TRY(optimize::ParseDeny(given.deny));
  options.arguments = TRY(optimize::ParseArguments(given.arguments));
  auto evidence = TRY(evidence::ReadEvidenceFiles(given.files));
  const auto chosen = TRY(ChooseTarget(given.target));
  if (given.one_arch) evidence = TRY(optimize::OfMachine(std::move(evidence), chosen.target.arch));
  options.target = chosen.target;
  if (given.allow_denied) options.refusals = optimize::Refusals::kAllow;
  if (!given.baseline.empty()) options.baseline = TRY(optimize::ReadBaseline(given.baseline, chosen.target));
  const auto generated = TRY(optimize::Generate(evidence, options));
  TRY(WriteFile(given.output, profile::Write(generated.document)));
  fmt::print(stderr, "target: {} ({})\n{}", options.target.Text(), chosen.why,
             report::GeneratedText(generated));
  if (given.suggest) fmt::print(stderr, "{}", report::SuggestionsText(generated));
  if (given.output != "-") fmt::print(stderr, "written: {}\n", Printable(given.output));
  return kYes;
}

}  // namespace

Verb GenerateVerb() {
  return {
      "generate", "the smallest profile that lets the evidence pass, checked against it",
      "  whittle generate web.evidence.json -o profile.json\n"
      "  whittle generate monday.json tuesday.json --level portable --runtime crun -o profile.json\n"
      "  whittle generate amd64.json arm64.json --one-arch --arch aarch64 -o arm64-profile.json",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags
            .Positional("evidence", options->files,
                        "evidence files, or - for standard input; several are merged")
            .Required();
        flags.Option("-o,--output", options->output, "where to write; - is standard output").ShowDefault();
        flags
            .Option("--level", options->level,
                    "strict: what was seen; portable: also what other libcs, kernels and architectures use "
                    "for it")
            .ShowDefault();
        flags
            .Option("--args", options->arguments,
                    "conditions on arguments: off, safe (clone without namespaces, where none were seen), or "
                    "all (also "
                    "the values that were seen, where the evidence tells them)")
            .ShowDefault();
        flags
            .Option("--deny", options->deny,
                    "what happens to other calls: errno (refused), kill, or log (let pass and logged: for "
                    "trying)")
            .ShowDefault();
        flags.Switch(
            "--one-arch", options->one_arch,
            "only what was seen on the target's kind of machine (--arch): a profile for each is tighter");
        flags.Option("--baseline", options->baseline,
                     "the runtime's own calls: a table of 'whittle baseline', a list of names, or "
                     "runc:1.1.5 (default: "
                     "what is known for the target)");
        flags.Switch("--allow-denied", options->allow_denied,
                     "also allow what a filter refused when it was recorded");
        flags.Switch(
            "--suggest", options->suggest,
            "list what was not observed and other libcs, kernels and architectures use for the same job");
        AddTargetFlags(flags, options->target);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli
