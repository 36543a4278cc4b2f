// `whittle recommend`: the best profile of the catalogue for each container of evidence.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "advise/recommend.h"
#include "base/text.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "evidence/by_container.h"
#include "profile/catalogue.h"
#include "report/recommended.h"

namespace whittle::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string container;
  std::string baseline;
  bool summary = false;
  bool json = false;
  TargetFlags target;
};

Result<evidence::Evidence> ReadWanted(const Options& given) {
  auto evidence = TRY(evidence::ReadEvidenceFiles(given.files));
  if (given.container.empty()) return evidence;
  auto parts = evidence::ByContainer(evidence);
  const auto wanted = parts.find(given.container);
  if (wanted != parts.end()) return std::move(wanted->second);
  std::vector<std::string> known;
  for (const auto& [name, part] : parts) known.push_back(Printable(name));
  return Fail(ErrorCode::kBadInput,
              fmt::format("the evidence has no container '{}'; it has {}", Printable(given.container),
                          known.empty() ? "none" : Join(known, ", ")));
}

Result<int> Run(const Options& given) {
  const auto evidence = TRY(ReadWanted(given));
  optimize::Options options;
  options.target = TRY(ChooseTarget(given.target)).target;
  if (!given.baseline.empty()) options.baseline = TRY(optimize::ReadBaseline(given.baseline, options.target));
  const auto made = TRY(advise::Recommend(evidence, options));
  if (given.json) {
    fmt::print("{}", json::Write(report::RecommendedJson(made, options.target)));
  } else {
    fmt::print("{}{}", report::RecommendedSummary(made, options.target),
               given.summary ? "" : report::RecommendedDetails(made, options.target));
  }
  // Whoever reads the summary only must know it, too.
  std::set<std::string> others;
  for (const auto& container : made.containers) {
    const auto* best = container.best();
    if (best != nullptr) others.insert(profile::OtherVersionText(best->name, options.target));
  }
  for (const auto& other : others) {
    if (!other.empty()) fmt::print(stderr, "warning: {}\n", other);
  }
  const auto has_one = [](const auto& container) { return container.best() != nullptr; };
  return std::ranges::all_of(made.containers, has_one) ? kYes : kNo;
}

}  // namespace

Verb RecommendVerb() {
  return {
      "recommend",
      "the best profile of the catalogue for each container of evidence, and whether one of its own is worth "
      "it",
      "  whittle recommend web.evidence.json\n"
      "  whittle recommend monday.json tuesday.json --summary\n"
      "  whittle recommend web.evidence.json --loader docker:28.5.2 --runtime runc:1.1.5 --json",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags
            .Positional("evidence", options->files,
                        "evidence files, or - for standard input; several are merged")
            .Required();
        flags.Option("--baseline", options->baseline,
                     "the runtime's own calls: a table of 'whittle baseline', a list of names, or runc:1.1.5 "
                     "(default: what is known for the target)");
        flags.Option("--container", options->container,
                     "only this container of the evidence, by name; - for processes outside of any");
        const Flag summary =
            flags.Switch("--summary", options->summary, "one line a container, without the details");
        flags.Switch("--json", options->json, "as JSON").Excludes(summary);
        AddTargetFlags(flags, options->target);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli
