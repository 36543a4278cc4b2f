// `whittle report`: what was found, as a page for people.
#include <fmt/core.h>

#include <filesystem>

#include "base/file.h"
#include "cli/filter_source.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "profile/catalogue.h"
#include "report/html.h"
#include "report/json.h"
#include "report/text.h"

namespace whittle::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string profile;
  std::vector<std::string> after;
  std::string attacks;
  std::string html;
  std::string output = "-";
  bool json = false;
  TargetFlags target;
};

// A profile of the catalogue has no file; docker wants a path that holds in every folder.
std::string ProfileFile(const std::string& name) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(name, error);
  return error || !profile::IsProfileFile(name) ? name : absolute.lexically_normal().string();
}

Result<report::Input> Collect(const Options& options) {
  report::Input input;
  input.evidence = TRY(evidence::ReadEvidenceFiles(options.files));
  if (!options.profile.empty()) {
    input.profile = TRY(profile::ReadProfile(options.profile, profile::Reading::kAsRuntimes));
    input.profile_file = ProfileFile(options.profile);
  }
  if (!options.after.empty()) input.after = TRY(evidence::ReadEvidenceFiles(options.after));
  if (!options.attacks.empty()) {
    const auto text = TRY(ReadFile(options.attacks));
    input.attacks = TRY(report::ReadAttacks(text, options.attacks));
  }
  input.target = TRY(ChooseTarget(options.target)).target;
  if (input.profile) WarnOfOtherVersion(*input.profile, input.target);
  return input;
}

Result<int> Run(const Options& options) {
  auto input = TRY(Collect(options));
  const auto facts = TRY(report::CollectFacts(std::move(input)));
  if (!options.html.empty()) TRY(WriteFile(options.html, report::ReportHtml(facts)));
  const bool page_only = options.html == "-" && options.output == "-";
  if (!page_only) {
    TRY(WriteFile(options.output,
                  options.json ? json::Write(report::ReportJson(facts)) : report::ReportText(facts)));
  }
  if (!options.html.empty() && options.html != "-") fmt::print(stderr, "page: {}\n", options.html);
  return kYes;
}

}  // namespace

Verb ReportVerb() {
  return {"report",
          "what was found, as text and as one page: how small the profile is, and how sure that nothing is "
          "missing",
          "  whittle report web.evidence.json --profile profile.json --html report.html\n"
          "  whittle report web.evidence.json --profile profile.json --after enforced.evidence.json "
          "--attacks attacks.json",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            flags.Positional("evidence", options->files, "evidence files; several are merged").Required();
            flags.Option("--profile", options->profile, "the profile that the report is about");
            flags.Option("--after", options->after,
                         "evidence recorded under the profile, with refusals watched");
            flags.Option("--attacks", options->attacks, "results of attack attempts, a JSON list");
            flags.Option("--html", options->html, "where to write the page");
            flags.Option("-o,--output", options->output, "where to write the text; - is standard output")
                .ShowDefault();
            flags.Switch("--json", options->json, "the facts as JSON instead of text");
            AddTargetFlags(flags, options->target);
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli
