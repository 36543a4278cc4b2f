// `whittle convert`: a profile in another's format, with what that format cannot hold. Needs no kernel.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"
#include "cli/filter_source.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "export/export.h"
#include "export/kubernetes.h"
#include "profile/catalogue.h"
#include "profile/object.h"

namespace whittle::cli {
namespace {

struct Options {
  std::string profile;
  std::string to;
  std::string output = "-";
  std::string name;
  std::string inexact = "allow";
  bool strict = false;
  TargetFlags target;
};

void SayWritten(const Options& options) {
  if (options.output != "-") fmt::print(stderr, "written: {}\n", Printable(options.output));
}

// A manifest in place of a profile: the annotations in it become fields.
Result<int> MoveAnnotations(const Options& options, const std::string& text, const std::string& shown) {
  const auto moved = TRY(exporting::MoveAnnotations(text, shown));
  TRY(WriteFile(options.output, moved.text));
  for (const auto& line : moved.moved) fmt::print(stderr, "moved: {}\n", Printable(line));
  for (const auto& note : moved.notes) fmt::print(stderr, "note: {}\n", Printable(note));
  if (moved.moved.empty()) {
    fmt::print(stderr, "note: no annotation became a field\n");
  } else {
    fmt::print(
        stderr,
        "note: the field is each container's, not the pod's: there it would be that of sidecars, which are "
        "put into the pod later, and of 'kubectl debug', too\n");
  }
  SayWritten(options);
  return kYes;
}

// What `--to kubernetes` is given: a manifest with pods, or a profile.
struct Given {
  std::string manifest;
  std::optional<profile::Document> profile;
};

Result<Given> Open(const Options& options, std::string_view format) {
  const auto reading = profile::Reading::kAsRuntimes;
  const bool is_file = options.profile == "-" || profile::IsProfileFile(options.profile);
  Given given;
  if (!is_file) {
    given.profile = TRY(profile::ReadProfile(options.profile, reading));
    return given;
  }
  std::string text = TRY(ReadFile(options.profile));
  if (format == "kubernetes") {
    const auto documents = yaml::Parse(text, options.profile);
    if (documents && exporting::HasPods(*documents)) return Given{std::move(text), {}};
    const bool is_json = Trim(text).starts_with('{');
    if (!documents && !is_json) return std::unexpected(documents.error());
    if (!is_json && std::ranges::none_of(*documents, profile::IsSeccompProfile))
      return Fail(ErrorCode::kBadInput,
                  options.profile + ": expected a profile, or a manifest with a pod in it");
  }
  given.profile = TRY(profile::ReadWithObjects(text, options.profile, reading));
  return given;
}

Result<int> Run(const Options& options) {
  const auto* format = TRY(exporting::FindFormat(options.to));
  if (format->name == "raw" && options.output == "-" && ::isatty(STDOUT_FILENO) == 1)
    return Fail(ErrorCode::kUsage, "a raw filter is nothing for a terminal: give -o FILE, or a pipe");
  const auto given = TRY(Open(options, format->name));
  if (!given.profile) return MoveAnnotations(options, given.manifest, options.profile);
  const auto& document = *given.profile;
  const auto chosen = TRY(ChooseTarget(options.target));
  const auto inexact = options.inexact == "refuse" ? exporting::Inexact::kRefuse : exporting::Inexact::kAllow;
  const auto exported = TRY(exporting::Export(*format, document, chosen.target, {options.name, inexact}));
  const bool fails = options.strict && !exported.lost.empty();
  if (!fails) TRY(WriteFile(options.output, exported.text));
  fmt::print(stderr, "target: {} ({})\n", chosen.target.Text(), Printable(chosen.why));
  WarnOfOtherVersion(document, chosen.target);
  for (const auto& warning : document.warnings) fmt::print(stderr, "warning: {}\n", Printable(warning));
  for (const auto& name : profile::UnknownNames(document)) fmt::print(stderr, "warning: {}\n", name);
  for (const auto& note : exported.notes) fmt::print(stderr, "note: {}\n", Printable(note));
  for (const auto& lost : exported.lost) fmt::print(stderr, "lost: {}\n", Printable(lost));
  if (fails) fmt::print(stderr, "--strict: nothing is written, since something is lost\n");
  if (!fails) SayWritten(options);
  return fails ? kNo : kYes;
}

std::string FormatNames() {
  std::string names;
  for (const auto& format : exporting::Formats())
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  return names;
}

}  // namespace

Verb ConvertVerb() {
  return {
      "convert",
      "a profile in another's format: OCI, Kubernetes, SeccompProfile, systemd, minijail, BPF, C, Go",
      "  whittle convert web.json --to spo --name web | kubectl apply -f -\n"
      "  whittle convert pod.yaml --to kubernetes -o pod.yaml      # old annotations become fields\n"
      "  whittle convert web.json --to systemd -o /etc/systemd/system/web.service.d/seccomp.conf\n"
      "  whittle convert web.json --to c --runtime none -o filter.h\n"
      "  whittle convert docker-default --to minijail --strict\n"
      "What the format cannot hold is said, a line each: 'lost: looser: ...'. With --strict it is exit code "
      "1, and\n"
      "nothing is written.",
      [](Flags flags) {
        auto options = std::make_shared<Options>();
        flags.Positional("profile", options->profile, "a file, -, or a name (docker-default, ...)")
            .Required();
        flags.Option("--to", options->to, "the format: " + FormatNames()).Required();
        flags.Option("-o,--output", options->output, "where to write; - is standard output").ShowDefault();
        flags.Switch("--strict", options->strict, "write nothing, and exit 1, if something is lost");
        flags.Option(
            "--name", options->name,
            "of the object (spo), the array (c, go) or the file on nodes (kubernetes); default: made "
            "of the file's");
        flags
            .Option("--conditional", options->inexact,
                    "calls allowed by arguments that the format cannot test: allow or refuse")
            .OneOf({"allow", "refuse"})
            .ShowDefault();
        AddTargetFlags(flags, options->target);
        return [options] { return Run(*options); };
      }};
}

}  // namespace whittle::cli
