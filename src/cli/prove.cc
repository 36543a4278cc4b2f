// `whittle prove`: do two profiles, or the filters of living processes, answer every call alike? Needs no
// kernel.
#include "prove/prove.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "cli/difference_text.h"
#include "cli/filter_source.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "report/diff.h"

namespace whittle::cli {
namespace {

constexpr size_t kShown = 40;  // differences on a terminal; whatever reads a pipe gets all

struct Options {
  std::string first;
  std::string second;
  bool looser = false;
  bool json = false;
  TargetFlags target;
};

void PrintJson(const Options& options, const prove::Proof& proof, const std::vector<SameDifference>& shown) {
  constexpr std::string_view kAnswers[] = {"equal", "different", "undecided"};
  std::vector<json::Value> differences;
  for (const auto& difference : shown) differences.push_back(DifferenceJson(difference));
  json::Value value = json::Object();
  value.Set("first", options.first);
  value.Set("second", options.second);
  value.Set("answer", kAnswers[static_cast<size_t>(proof.answer)]);
  if (const auto nowhere = proof.NowhereLooser()) value.Set("nowhere_looser", *nowhere);
  value.Set("differences", json::Array(std::move(differences)));
  value.Set("undecided", report::UndecidedJson(proof.undecided));
  fmt::print("{}", json::Write(value));
}

void PrintText(const Options& options, const prove::Proof& proof, const std::vector<SameDifference>& shown) {
  if (proof.answer == prove::Answer::kEqual) {
    fmt::print("equal: every architecture, number and argument gets the same verdict from both\n");
  } else if (options.looser && proof.NowhereLooser() == true) {
    fmt::print("nowhere looser: {} allows nothing that {} does not\n", Printable(options.second),
               Printable(options.first));
  }
  const size_t lines = ::isatty(STDOUT_FILENO) == 1 ? std::min(shown.size(), kShown) : shown.size();
  for (size_t i = 0; i < lines; ++i) {
    fmt::print("{}\t{}\n", ChangeName(shown[i].first->change), DifferenceText(shown[i]));
  }
  if (lines < shown.size()) {
    fmt::print(stderr, "... and {} more (a pipe or a file gets all)\n", shown.size() - lines);
  }
  for (const auto& undecided : proof.undecided)
    fmt::print("undecided\t{}\t{}\n", prove::UndecidedText(undecided), report::kUndecidedWhy);
}

Result<int> Run(const Options& options) {
  const auto first = TRY(OpenFilterSource(options.first, profile::Reading::kAsRuntimes));
  const auto second = TRY(OpenFilterSource(options.second, profile::Reading::kAsRuntimes));
  profile::Target target;
  if (first.needs_target() || second.needs_target()) {
    const auto chosen = TRY(ChooseTarget(options.target));
    fmt::print(stderr, "target: {} ({})\n", chosen.target.Text(), Printable(chosen.why));
    target = chosen.target;
  }
  const auto first_programs = TRY(ProgramsOf(first, target));
  const auto second_programs = TRY(ProgramsOf(second, target));
  prove::Options asked;
  const auto siblings = SiblingAbis(target.arch);
  asked.abis.assign(siblings.begin(), siblings.end());
  const auto proof = TRY(prove::Compare(first_programs, second_programs, asked));
  std::vector<const prove::Difference*> wanted;
  for (const auto& difference : proof.differences) {
    if (!options.looser || difference.change == prove::Change::kLooser) wanted.push_back(&difference);
  }
  const auto shown = InRanges(wanted);
  if (options.json) {
    PrintJson(options, proof, shown);
  } else {
    PrintText(options, proof, shown);
  }
  // A difference that was found is an answer, whatever else there may be.
  if (!shown.empty()) return kNo;
  if (!proof.undecided.empty())
    return Fail(ErrorCode::kNotPossible, "undecided: not every call could be compared");
  return kYes;
}

}  // namespace

Verb ProveVerb() {
  return {
      "prove", "whether two profiles, or living filters, answer every possible call alike",
      "  whittle prove old.json new.json\n"
      "  whittle prove docker-default web.json --looser       # is web.json nowhere more permissive?\n"
      "  whittle prove web.json container:web                 # is the installed filter what the file says?\n"
      "Exit code 1: a difference was found (with --looser: B is looser somewhere). 4: none was found, some "
      "calls are\nundecided; they are listed.",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags.Positional("first", options->first, "a file, -, docker-default, pid:N or container:NAME")
            .Required();
        flags.Positional("second", options->second, "the same, compared with the first").Required();
        flags.Switch("--looser", options->looser, "ask only whether the second is nowhere more permissive");
        flags.Switch("--json", options->json, "one JSON document");
        AddTargetFlags(flags, options->target);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli
