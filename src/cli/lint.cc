// `whittle lint`: what is wrong with a profile though it loads, and with what Kubernetes' manifests say of
// seccomp. Needs no kernel, no engine and no root.
#include <fmt/core.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "cli/filter_source.h"
#include "cli/forms.h"
#include "cli/target_flags.h"
#include "cli/verb.h"
#include "cli/version.h"
#include "lint/lint.h"
#include "lint/rule.h"
#include "manifest/cluster.h"
#include "manifest/kubernetes_version.h"
#include "manifest/node_files.h"
#include "manifest/pod_security.h"
#include "manifest/read.h"
#include "profile/catalogue.h"
#include "profile/document.h"
#include "profile/target.h"
#include "report/lint.h"
#include "report/table.h"

namespace whittle::cli {
namespace {

using lint::Severity;
using profile::Target;

struct Options {
  std::vector<std::string> files;
  std::string fail_on = "error";
  std::vector<std::string> ignored;
  FormFlags forms;
  bool all = false;
  bool rules = false;
  std::string explain;
  TargetFlags target;
  std::string pod_security;
  std::string kubernetes;
  bool seccomp_default = false;
  std::string kubelet_root{manifest::kKubeletRoot};
  std::vector<std::string> node_files, nodes, pods;
};

// True if what was named, "docker" or "docker:28.5.2", is of that name, or nothing was.
bool IsNamed(const std::string& given, std::string_view name) {
  return given.empty() || given.substr(0, given.find(':')) == name;
}

// The usual places that are as named, with what else was named; one place as named if none of them is.
Result<std::vector<Target>> TargetsOf(const TargetFlags& flags) {
  utsname machine{};
  uname(&machine);
  const Abi native = TRY(NativeAbi(machine.machine));
  std::vector<Target> usual = lint::UsualTargets();
  const Target first = usual.front();
  std::erase_if(usual, [&](const Target& target) {
    return !IsNamed(flags.loader, profile::LoaderName(target.loader)) ||
           !IsNamed(flags.runtime, profile::RuntimeName(target.runtime));
  });
  if (usual.empty()) usual = {first};
  std::vector<Target> chosen;
  for (Target& target : usual) {
    target.arch = native;
    target = TRY(ChooseTarget(flags, [&] { return Result<ChosenTarget>(ChosenTarget{target, ""}); })).target;
    const auto same = [&](const Target& known) { return known.Text() == target.Text(); };
    if (std::ranges::none_of(chosen, same)) chosen.push_back(target);
  }
  return chosen;
}

Result<profile::Version> KubernetesOf(const std::string& given) {
  const auto kubernetes = TRY(manifest::ParseKubernetesVersion(given));
  if (kubernetes.newer) {
    fmt::print(stderr, "note: Kubernetes {} is newer than the newest that is known here: asked as of {}.{}\n",
               Printable(given), kubernetes.version.major, kubernetes.version.minor);
  }
  return kubernetes.version;
}

Result<lint::ClusterOptions> ClusterOf(const Options& options) {
  lint::ClusterOptions cluster;
  using manifest::Level;
  for (const Level level : {Level::kPrivileged, Level::kBaseline, Level::kRestricted}) {
    if (options.pod_security == manifest::LevelName(level)) cluster.pod_security = level;
  }
  if (!options.kubernetes.empty() && options.kubernetes != "latest")
    cluster.kubernetes = TRY(KubernetesOf(options.kubernetes));
  cluster.seccomp_default = options.seccomp_default;
  cluster.kubelet_root = options.kubelet_root;
  while (cluster.kubelet_root.ends_with('/')) cluster.kubelet_root.pop_back();
  for (const auto& path : options.node_files)
    cluster.node_files.push_back(TRY(manifest::ReadNodeFiles(path, cluster.kubelet_root)));
  for (const auto& path : options.nodes) {
    const auto text = TRY(ReadFile(path));
    TRY(manifest::AddNodes(text, path, cluster.known));
  }
  for (const auto& path : options.pods) {
    const auto text = TRY(ReadFile(path));
    TRY(manifest::AddPods(text, path, cluster.known));
  }
  return cluster;
}

struct Input {
  std::string name, text;
};

bool IsYaml(const std::string& extension) { return extension == ".yaml" || extension == ".yml"; }

// A folder holds other files, too: values of a chart, a project's own JSON.
bool IsForLint(const std::string& extension, std::string_view text) {
  const auto has = [&](std::string_view word) { return text.find(word) != text.npos; };
  if (extension == ".json") return has("\"defaultAction\"") || (has("\"kind\"") && has("\"apiVersion\""));
  return IsYaml(extension) && manifest::LooksLikeManifest(text);
}

// The profiles and manifests below a folder, by name. What else has such a name is counted.
Result<std::vector<Input>> InputsBelow(const std::string& folder, size_t& passed_over) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code error, ignored;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto extension = at->path().extension();
    const bool taken = IsYaml(extension) || extension == ".json";
    if (taken && at->is_regular_file(ignored)) names.push_back(at->path().string());
  }
  if (error) return Fail(ErrorCode::kBadInput, fmt::format("{}: {}", Printable(folder), error.message()));
  std::ranges::sort(names);
  std::vector<Input> inputs;
  for (auto& name : names) {
    std::string text = TRY(ReadFile(name));
    const std::string extension = fs::path(name).extension().string();
    if (IsForLint(extension, text)) inputs.push_back({std::move(name), std::move(text)});
  }
  if (inputs.empty())
    return Fail(ErrorCode::kBadInput,
                Printable(folder) + ": no .yaml, .yml or .json in this folder is a manifest or a profile");
  passed_over += names.size() - inputs.size();
  return inputs;
}

Result<std::string> TextOf(const std::string& name) {
  if (FileExists(name)) return ReadFile(name);
  if (const auto text = profile::CatalogueText(name)) return std::string(*text);
  const auto meant = profile::CatalogueNameMeant(name);
  if (name == "-" || !meant) return ReadFile(name);
  return Fail(ErrorCode::kBadInput, profile::NoSuchProfileText(name, meant));
}

Result<std::vector<Input>> InputsOf(const std::string& name, size_t& passed_over) {
  std::error_code ignored;
  if (name != "-" && std::filesystem::is_directory(name, ignored)) return InputsBelow(name, passed_over);
  auto text = TRY(TextOf(name));
  return std::vector<Input>{{name, std::move(text)}};
}

Result<int> ListRules() {
  std::vector<std::vector<std::string>> rows;
  for (const auto& rule : lint::Rules())
    rows.push_back(
        {std::string(rule.id), std::string(lint::SeverityName(rule.severity)), std::string(rule.text)});
  fmt::print("{}", report::TableText(rows));
  return kYes;
}

Result<const lint::Rule*> RuleOf(const std::string& id) {
  if (const lint::Rule* rule = lint::FindRule(id)) return rule;
  std::vector<std::string_view> ids;
  for (const auto& rule : lint::Rules()) ids.push_back(rule.id);
  const auto nearest = Nearest(id, ids);
  return Fail(ErrorCode::kUsage,
              fmt::format("no rule is called '{}'{} ('whittle lint --rules' lists them)", Printable(id),
                          nearest ? fmt::format(", did you mean '{}'?", *nearest) : ""));
}

// The page without its examples.
Result<int> Explain(const std::string& id) {
  const lint::Rule* rule = TRY(RuleOf(id));
  const auto page = lint::PageOf(rule->id);
  fmt::print("{}\n", Trim(page.substr(0, page.find("\n## Fires"))));
  fmt::print("\nExamples: docs/lint/{}.md\n", rule->id);
  return kYes;
}

// The least severity that is a "no"; nothing for "never".
std::optional<Severity> FailsOn(const std::string& word) {
  for (const Severity severity : {Severity::kInfo, Severity::kWarning, Severity::kError}) {
    if (word == lint::SeverityName(severity)) return severity;
  }
  return std::nullopt;
}

FormWriters WritersOf(const Options& options, const std::vector<report::Linted>& linted) {
  return {[&](bool colour) { return report::LintText(linted, {options.all, colour}); },
          [&] { return report::LintJson(linted); }, [&] { return report::LintMarkdown(linted); },
          [&] { return report::LintSarif(linted, kVersion); }};
}

// A file, and the places that it was asked of.
struct Asked {
  std::string file, places;
};

// " (asked of docker, with runc)"; where files were asked of several, of which which.
std::string PlacesText(const std::vector<Asked>& asked) {
  std::vector<std::pair<std::string, std::vector<std::string>>> files;  // by the places
  for (const auto& [file, places] : asked) {
    if (places.empty()) continue;
    const auto same = [&](const auto& known) { return known.first == places; };
    const auto known = std::ranges::find_if(files, same);
    if (known == files.end())
      files.push_back({places, {file}});
    else
      known->second.push_back(file);
  }
  if (files.empty()) return "";
  if (files.size() == 1) return fmt::format(" (asked of {})", files.front().first);
  std::vector<std::string> texts;
  for (const auto& [places, of] : files) {
    const std::string who = of.size() == 1 ? Printable(of.front()) : fmt::format("{} files", of.size());
    texts.push_back(fmt::format("{} of {}", who, places));
  }
  return fmt::format(" (asked: {})", Join(texts, "; "));
}

// Who asks of a file must not take a part of it for the whole.
void FailOnMore(const std::string& file, const lint::Inside& inside, std::vector<Error>& failures) {
  if (!inside.more) return;
  failures.push_back({ErrorCode::kBadInput, fmt::format("{}: of the profiles in it only the first {} were "
                                                        "looked at: more than {}, or than {} MiB of them, "
                                                        "are too many for one file: split it",
                                                        Printable(file), inside.looked_at, lint::kMostInside,
                                                        lint::kMostTextInside >> 20)});
}

void KeepProfile(const std::string& file, const std::string& text, std::vector<profile::Document>& profiles) {
  auto document = profile::Read(text, file, profile::Reading::kAsRuntimes);
  if (document) profiles.push_back(std::move(*document));
}

// What could not be read, in one line.
std::unexpected<Error> Together(std::vector<Error> failures) {
  std::vector<std::string> messages;
  for (auto& failure : failures) messages.push_back(std::move(failure.message));
  return Fail(failures.front().code, Join(messages, "; "));
}

Result<int> Run(const Options& options) {
  if (options.rules) return ListRules();
  if (!options.explain.empty()) return Explain(options.explain);
  if (options.files.empty())
    return Fail(ErrorCode::kUsage, "name a profile or a manifest, or - for standard input");
  for (const auto& id : options.ignored) TRY(RuleOf(id));
  const auto forms = TRY(FormsOf(options.forms));
  auto targets = TRY(TargetsOf(options.target));
  auto cluster = TRY(ClusterOf(options));
  lint::Options how{std::move(targets), !options.target.Given(), std::move(cluster)};
  std::vector<report::Linted> linted;
  std::vector<Asked> asked;
  std::vector<profile::Document> profiles;
  std::vector<Error> failures;  // what could not be read; the others are looked at all the same
  size_t passed_over = 0;
  for (const auto& name : options.files) {
    const auto inputs = InputsOf(name, passed_over);
    if (!inputs) failures.push_back(inputs.error());
    if (!inputs) continue;
    for (const auto& [file, text] : *inputs) {
      how.containerds_own = profile::IsContainerdsOwn(file);
      how.yaml = IsYaml(std::filesystem::path(file).extension());
      auto linting = lint::LintAndPlaces(text, how);
      asked.push_back({file, lint::AskedText(linting.asked)});
      if (!how.usual) KeepProfile(file, text, profiles);
      FailOnMore(file, linting.inside, failures);
      linted.push_back({file, std::move(linting.findings)});
    }
  }
  if (linted.empty() && !failures.empty()) return Together(std::move(failures));
  const auto is_ignored = [&](const lint::Finding& finding) {
    return std::ranges::find(options.ignored, finding.rule) != options.ignored.end();
  };
  for (auto& file : linted) std::erase_if(file.findings, is_ignored);
  TRY(WriteForms(forms, WritersOf(options, linted)));
  if (!failures.empty()) return Together(std::move(failures));
  for (const auto& target : how.targets) {
    if (how.usual) break;
    fmt::print(stderr, "target: {}\n", target.Text());
    for (const auto& profile : profiles) WarnOfOtherVersion(profile, target);
  }
  if (passed_over > 0)
    fmt::print(stderr, "{} passed over: no manifest and no profile\n",
               passed_over == 1 ? "1 file" : fmt::format("{} files", passed_over));
  if (how.cluster.pod_security && *how.cluster.pod_security != manifest::Level::kPrivileged)
    fmt::print(stderr, "of level {} only what it says of seccomp was checked, nothing else\n",
               options.pod_security);
  fmt::print(stderr, "{}{}\n", report::LintSummary(linted), how.usual ? PlacesText(asked) : "");
  const auto fails_on = FailsOn(options.fail_on);
  const auto fails = [&](const lint::Finding& finding) { return fails_on && finding.severity >= *fails_on; };
  const bool bad = std::ranges::any_of(
      linted, [&](const auto& file) { return std::ranges::any_of(file.findings, fails); });
  return bad ? kNo : kYes;
}

void AddClusterFlags(Flags flags, Options& options) {
  const std::string heading = "Manifests of Kubernetes";
  flags
      .Option("--pod-security", options.pod_security,
              "whose seccomp settings are refused at that level: privileged, baseline, restricted")
      .OneOf({"privileged", "baseline", "restricted"})
      .Under(heading);
  flags
      .Option("--kubernetes-version", options.kubernetes,
              fmt::format("1.0 to {}.{}, as which a newer one is taken; default: the newest",
                          manifest::kNewestKnown.major, manifest::kNewestKnown.minor))
      .Under(heading);
  flags.Switch("--seccomp-default", options.seccomp_default, "the kubelets have seccompDefault on")
      .Under(heading);
  flags
      .Option("--node-files", options.node_files,
              "a node's seccomp folder, or a list of its files; may be repeated")
      .OneWordEach()
      .Under(heading);
  flags.Option("--kubelet-root", options.kubelet_root, "the kubelet's folder").ShowDefault().Under(heading);
  flags
      .Option("--nodes", options.nodes,
              "the cluster's nodes: names, a line each, or as kubectl get prints them")
      .OneWordEach()
      .Under(heading);
  flags
      .Option("--pods", options.pods,
              "the cluster's pods: lines NAMESPACE/NAME NODE STATUS, or as kubectl get -A")
      .OneWordEach()
      .Under(heading);
}

}  // namespace

Verb LintVerb() {
  return {"lint", "what is wrong with a profile though it loads, or with a manifest of Kubernetes",
          "  whittle lint web.json api.json\n"
          "  whittle lint --loader docker my-default.json           # only docker will read it\n"
          "  whittle lint --fail-on warning --sarif web.json        # for continuous integration\n"
          "  whittle lint --explain inverted-mask\n"
          "  whittle lint deploy/ --pod-security restricted         # manifests: what pods say of seccomp\n"
          "  kubectl get pods,nodes,seccompprofiles -A -o yaml | whittle lint -\n"
          "Without target flags the profile is asked of docker, podman and Localhost profiles, with runc and "
          "crun.\n"
          "Exit code 1: something was found that is as bad as --fail-on says.",
          [](Flags flags) {
            auto options = std::make_shared<Options>();
            flags.Positional("PROFILE", options->files,
                             "profiles or manifests: files, folders, -, or names like docker-default");
            flags
                .Option("--fail-on", options->fail_on,
                        "exit with 1 if something as bad was found: error, warning, info, never")
                .OneOf({"error", "warning", "info", "never"});
            flags.Option("--ignore", options->ignored, "leave a rule out; may be repeated").OneWordEach();
            const auto [format, json] = AddFormFlags(flags, options->forms);
            const Flag sarif =
                flags
                    .Switch("--sarif", options->forms.sarif, "SARIF 2.1.0, for code hosts, as --format sarif")
                    .Excludes(json)
                    .Excludes(format);
            flags.Switch("--all", options->all, "every finding, also where there are many of one kind");
            // Texts for people: an answer that was asked for as JSON must be JSON.
            flags.Switch("--rules", options->rules, "list the rules")
                .Excludes(json)
                .Excludes(format)
                .Excludes(sarif);
            flags.Option("--explain", options->explain, "why a rule is one, and what to do")
                .Excludes(json)
                .Excludes(format)
                .Excludes(sarif);
            AddTargetFlags(flags, options->target);
            AddClusterFlags(flags, *options);
            return [options] { return Run(*options); };
          }};
}

}  // namespace whittle::cli
