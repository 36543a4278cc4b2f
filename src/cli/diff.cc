// `whittle diff`: what a second profile, or living filter, does otherwise than a first one. Needs no kernel.
#include <fmt/core.h>

#include "advise/deciders.h"
#include "advise/diff.h"
#include "advise/document_members.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/filter_source.h"
#include "cli/forms.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "cli/version.h"
#include "container/capabilities.h"
#include "profile/catalogue.h"
#include "report/diff.h"

namespace whittle::cli {
namespace {

struct Options {
  std::string first;
  std::string second;
  bool fail_if_looser = false;
  FormFlags forms;
  std::string first_name;
  TargetFlags target;
  TargetFlags second_target;
};

// One side, as filters and as what is said of it.
struct Side {
  FilterSource source;
  profile::Target target;
  Installed installed;
};

Result<Side> Open(const std::string& name) {
  Side side;
  side.source = TRY(OpenFilterSource(name, profile::Reading::kAsRuntimes));
  if (side.source.document) {
    for (const auto& warning : side.source.document->warnings)
      fmt::print(stderr, "warning: {}\n", Printable(warning));
  }
  return side;
}

std::string CapabilitiesText(const std::set<std::string>& capabilities) {
  const auto& all = container::AllCapabilities();
  if (capabilities.empty()) return "no capabilities";
  if (capabilities == profile::DefaultCapabilities()) return "default capabilities";
  if (capabilities.size() == all.size()) return "all capabilities";
  return Join(std::vector(capabilities.begin(), capabilities.end()), " ");
}

// The target, with what it usually does not say where the other one has something else.
std::string TargetText(const profile::Target& target, const profile::Target& other) {
  std::string text = target.Text();
  if (target.libseccomp != other.libseccomp) text += ", libseccomp " + target.libseccomp.Text();
  if (target.capabilities != other.capabilities) text += ", " + CapabilitiesText(target.capabilities);
  return text;
}

// Filters as they are need no target, so no engine is asked for them.
Result<void> ChooseTargets(const Options& options, Side& first, Side& second) {
  if (!first.source.needs_target() && !second.source.needs_target()) return {};
  const auto chosen = TRY(ChooseTarget(options.target));
  first.target = second.target = chosen.target;
  std::string why_second;
  if (options.second_target.Given()) {
    auto second_chosen = TRY(ChooseTarget(Overlay(options.target, options.second_target)));
    second.target = std::move(second_chosen.target);
    why_second = std::move(second_chosen.why);
  }
  fmt::print(stderr, "target: {} ({})\n", TargetText(first.target, second.target), Printable(chosen.why));
  if (!why_second.empty())
    fmt::print(stderr, "target of B: {} ({})\n", TargetText(second.target, first.target),
               Printable(why_second));
  return {};
}

report::DiffSide Described(const Side& side, const Side& other, const advise::Diff& diff) {
  report::DiffSide described;
  described.name = side.source.name;
  described.is_document = side.source.document.has_value();
  if (!side.source.document) return described;
  described.target = other.source.document ? TargetText(side.target, other.target) : side.target.Text();
  described.deciders = advise::DecidersOf(*side.source.document, *side.installed.meaning, diff);
  // The user has no file of the catalogue's to look into.
  const bool in_catalogue = profile::CatalogueText(described.name) && !profile::IsProfileFile(described.name);
  for (auto& decider : described.deciders) {
    if (decider && in_catalogue) decider->at = {};
  }
  return described;
}

FormWriters WritersOf(const report::DiffReport& report) {
  using report::Colour;
  return {[&](bool colour) { return report::DiffText(report, colour ? Colour::kAllowed : Colour::kNever); },
          [&] { return report::DiffJson(report); }, [&] { return report::DiffMarkdown(report); },
          [&] { return report::DiffSarif(report, kVersion); }};
}

Result<int> Run(const Options& options) {
  const auto forms = TRY(FormsOf(options.forms));
  if (options.second.empty() && !options.second_target.Given())
    return Fail(ErrorCode::kUsage,
                "name a second profile, or a target for it (--b-loader, --b-runtime, ...)");
  const std::string& second_name = options.second.empty() ? options.first : options.second;
  if (options.first == "-" && second_name == "-")
    return Fail(ErrorCode::kUsage, "standard input can be one side only: write it to a file");
  Side first = TRY(Open(options.first));
  Side second = TRY(Open(second_name));
  TRY(ChooseTargets(options, first, second));
  first.installed = TRY(InstalledOf(first.source, first.target));
  second.installed = TRY(InstalledOf(second.source, second.target));
  report::DiffReport report;
  report.diff = TRY(advise::BehaviourDiff(first.installed.programs, second.installed.programs,
                                          {.native = first.target.arch}));
  report.first = Described(first, second, report.diff);
  if (!options.first_name.empty()) report.first.name = options.first_name;
  report.second = Described(second, first, report.diff);
  if (first.source.document && second.source.document) {
    report.members = advise::DifferentMembers(*first.source.document, first.target, *second.source.document,
                                              second.target);
  }
  TRY(WriteForms(forms, WritersOf(report)));
  // A difference that was found is an answer, whatever else there may be.
  if (options.fail_if_looser ? report.diff.second_looser : report.different()) return kNo;
  if (!report.diff.undecided.empty())
    return Fail(ErrorCode::kNotPossible, "undecided: not every call could be compared");
  return kYes;
}

}  // namespace

Verb DiffVerb() {
  return {"diff", "what a second profile, or living filter, does otherwise than a first one",
          "  whittle diff old.json new.json\n"
          "  whittle diff docker-default web.json --fail-if-looser   # a gate for continuous integration\n"
          "  whittle diff old.json new.json --format markdown        # a comment for a pull request\n"
          "  whittle diff web.json container:web                     # has the installed filter drifted?\n"
          "  whittle diff web.json --loader docker --runtime runc --b-loader oci --b-runtime crun\n"
          "Exit code 1: they differ; with --fail-if-looser: B is looser somewhere. 4: undecided.",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            flags.Positional("A", options->first, "a file, -, docker-default, pid:N or container:NAME")
                .Required();
            flags.Positional("B", options->second,
                             "the same, compared with A (default: A, under another target)");
            flags.Switch("--fail-if-looser", options->fail_if_looser,
                         "exit with 1 only if B is more permissive than A somewhere");
            AddFormFlags(flags, options->forms);
            flags.Option("--a-name", options->first_name,
                         "what to call A in the output, where its file is a temporary one");
            AddTargetFlags(flags, options->target);
            AddSecondTargetFlags(flags, options->second_target);
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli
