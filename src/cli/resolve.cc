// `whittle resolve`: a profile made flat for a target, so that it means the same whoever loads it. Needs no
// kernel.
#include "filter/resolve.h"
#include "cli/filter_source.h"

#include <fmt/core.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "filter/call_text.h"
#include "filter/compile.h"
#include "filter/loader.h"
#include "prove/prove.h"

namespace whittle::cli {
namespace {

using filter::Compiled;
using profile::Document;
using profile::Loader;
using profile::Target;

struct Options {
  std::string profile;
  std::string output = "-";
  bool keep_comments = false;
  TargetFlags target;
};

// Who else may load the file. The first three must give the same filter; the last one is known not to read
// all members.
struct OtherLoader {
  Loader loader;
  profile::Version version;
  enum class Knows { kAll, kLess } knows = Knows::kAll;
};
constexpr OtherLoader kOthers[] = {
    {Loader::kDocker, {28, 5, 2}},
    {Loader::kPodman, {5, 6, 0}},
    {Loader::kOci, {2, 1, 0}},
    {Loader::kDocker, {20, 10, 24}, OtherLoader::Knows::kLess},
};

std::string StateText(const Compiled& compiled) {
  switch (compiled.state) {
    case Compiled::State::kRefused:
      return "it would be refused: " + compiled.why;
    case Compiled::State::kUnconfined:
      return "no filter would be installed: " + compiled.why;
    case Compiled::State::kFiltered:
      break;
  }
  return "a filter would be installed";
}

std::string LoaderDifferenceText(const prove::Difference& difference) {
  const auto verdict = [](const filter::Verdict& of) { return profile::VerdictText(of.action, of.data); };
  const std::string call = difference.abi ? filter::CallText(filter::CallOf(difference.call, *difference.abi))
                                          : "a call of another ABI";
  return fmt::format("{} gets {} instead of {}", call, verdict(difference.second), verdict(difference.first));
}

// Empty if both are the same filter; else how they differ, with a call that shows it.
Result<std::string> HowTheyDiffer(const Compiled& wanted, const Compiled& got, Abi native) {
  if (got.state != wanted.state) return StateText(got);
  if (got.state != Compiled::State::kFiltered) return std::string();
  prove::Options options;
  const auto siblings = SiblingAbis(native);
  options.abis.assign(siblings.begin(), siblings.end());
  const auto proof = TRY(prove::Compare(std::span(&wanted.program, 1), std::span(&got.program, 1), options));
  if (proof.answer == prove::Answer::kEqual) return std::string();
  if (proof.answer == prove::Answer::kUndecided)
    return Fail(ErrorCode::kNotPossible,
                "undecided: it could not be proven that the resolved profile means the same");
  return fmt::format(
      "{}{}", LoaderDifferenceText(proof.differences.front()),
      proof.differences.size() > 1 ? fmt::format(", and {} more", proof.differences.size() - 1) : "");
}

struct Checked {
  int answer = kYes;
  std::string text;  // lines for standard error
};

// Proves that the flat document is the same filter for every loader, and says where it is not. kNo: for one
// of those that read all members.
Result<Checked> Check(const Document& document, const Document& flat, const Target& target) {
  const auto wanted = TRY(filter::Compile(document, target));
  Checked checked;
  std::vector<std::string> same;
  std::optional<filter::Loaded> last;
  std::string difference;
  for (const auto& other : kOthers) {
    Target elsewhere = target;
    elsewhere.loader = other.loader;
    elsewhere.loader_version = other.version;
    std::vector<filter::Note> notes;
    auto loaded = filter::LoadForRuntime(flat, elsewhere, notes);
    if (!loaded || last != *loaded) {
      const auto got = TRY(filter::Compile(flat, elsewhere));
      difference = TRY(HowTheyDiffer(wanted, got, target.arch));
      last = loaded ? std::optional(std::move(*loaded)) : std::nullopt;
    }
    const std::string name = fmt::format("{} {}", LoaderName(other.loader), other.version.Text());
    if (difference.empty()) {
      same.push_back(name);
      continue;
    }
    checked.text += fmt::format("warning: under {}: {}\n", name, Printable(difference));
    if (other.knows == OtherLoader::Knows::kAll) checked.answer = kNo;
  }
  for (const auto& warning : wanted.warnings)
    checked.text += fmt::format("warning: {}\n", Printable(warning));
  // Without a runtime nobody hands it on: whittle loads what it makes of the file itself.
  const bool alone = target.runtime == profile::Runtime::kNone;
  if (!same.empty()) {
    checked.text += fmt::format("proven: the same filter {} {}\n",
                                alone ? "loaded by whittle, read as these do:" : "under", Join(same, ", "));
  }
  return checked;
}

Result<int> Run(const Options& options) {
  const auto document = TRY(profile::ReadProfile(options.profile, profile::Reading::kAsRuntimes));
  const auto chosen = TRY(ChooseTarget(options.target));
  WarnOfOtherVersion(document, chosen.target);
  const auto comments = options.keep_comments ? filter::Comments::kKeep : filter::Comments::kDrop;
  const auto resolved = TRY(filter::Resolve(document, chosen.target, comments));
  const auto checked = TRY(Check(document, resolved.document, chosen.target));
  TRY(WriteFile(options.output, profile::Write(resolved.document)));
  fmt::print(stderr, "target: {} ({})\n", chosen.target.Text(), Printable(chosen.why));
  for (const auto& warning : document.warnings) fmt::print(stderr, "warning: {}\n", Printable(warning));
  for (const auto& warning : resolved.warnings) fmt::print(stderr, "warning: {}\n", Printable(warning));
  fmt::print(stderr, "{}", checked.text);
  if (options.output != "-") fmt::print(stderr, "written: {}\n", Printable(options.output));
  return checked.answer;
}

}  // namespace

Verb ResolveVerb() {
  return {
      "resolve", "make a profile flat for a target: one file that means the same to every loader",
      "  whittle resolve docker-default --cap default -o node.json\n"
      "  whittle resolve web.json --loader docker --runtime runc --arch aarch64 --kernel 6.1 --cap none\n"
      "includes, excludes and archMap are decided for the target; a plain OCI loader (containerd) would "
      "ignore them.",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags.Positional("profile", options->profile, "a file, -, or a name (docker-default, ...)")
            .Required();
        flags.Option("-o,--output", options->output, "where to write; - is standard output").ShowDefault();
        flags.Switch("--keep-comments", options->keep_comments,
                     "keep the member comment of rules, which plain OCI loaders pass over");
        AddTargetFlags(flags, options->target);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli
