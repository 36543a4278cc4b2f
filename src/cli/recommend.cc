// `whittle recommend`: the best profile of the catalogue for what evidence shows.
#include <fmt/core.h>

#include "advise/recommend.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "report/recommended.h"

namespace whittle::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string baseline;
  bool json = false;
  TargetFlags target;
};

Result<int> Run(const Options& given) {
  const auto evidence = TRY(evidence::ReadEvidenceFiles(given.files));
  optimize::Options options;
  options.target = TRY(ChooseTarget(given.target)).target;
  if (!given.baseline.empty()) options.baseline = TRY(optimize::ReadBaseline(given.baseline, options.target));
  const auto recommendation = TRY(advise::Recommend(evidence, options));
  if (given.json) {
    fmt::print("{}", json::Write(report::RecommendationJson(recommendation, options.target)));
  } else {
    fmt::print("{}", report::RecommendationText(recommendation, options.target));
  }
  return recommendation.best() != nullptr ? kYes : kNo;
}

}  // namespace

Verb RecommendVerb() {
  return {"recommend",
          "the best profile of the catalogue for what evidence shows, and whether one of its own is worth it",
          "  whittle recommend web.evidence.json\n"
          "  whittle recommend web.evidence.json --loader docker:28.5.2 --runtime runc:1.1.5 --json",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            flags
                .Positional("evidence", options->files,
                            "evidence files, or - for standard input; several are merged")
                .Required();
            flags.Option(
                "--baseline", options->baseline,
                "the runtime's own calls: a table of 'whittle baseline', a list of names, or runc:1.1.5 "
                "(default: what is known for the target)");
            flags.Switch("--json", options->json, "as JSON");
            AddTargetFlags(flags, options->target);
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli
