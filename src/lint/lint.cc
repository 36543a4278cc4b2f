#include "lint/lint.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

#include "base/text.h"
#include "lint/covers.h"
#include "lint/inner.h"
#include "lint/rule.h"
#include "lint/subject.h"

namespace whittle::lint {
namespace {

using json::Value;
using profile::Loader;
using profile::Runtime;
using profile::Target;

bool Applies(const Rule& rule, const Subject& subject) {
  if (subject.is_manifest() != (rule.needs == Needs::kManifest)) return false;
  switch (rule.needs) {
    case Needs::kText:
    case Needs::kManifest:
      return true;
    case Needs::kTree:
      return subject.root() != nullptr;
    case Needs::kDocument:
      return subject.document() != nullptr;
  }
  return false;
}

// One step down; null where there is nothing of that name, in capitals or small letters.
const Value* Step(const Value& value, std::string_view step) {
  if (value.is(json::Kind::kArray)) {
    const auto index = ParseUnsigned(step);
    return index && *index < value.items.size() ? &value.items[*index] : nullptr;
  }
  const Value* near = nullptr;
  for (auto member = value.members.rbegin(); member != value.members.rend(); ++member) {
    const std::string name = json::PointerStep(member->name).substr(1);
    if (name == step) return &member->value;
    const bool may_be = near == nullptr && name.size() == step.size();
    if (may_be && LowerCase(name) == LowerCase(step)) near = &member->value;
  }
  return near;
}

// Where the pointer's value stands, or the last thing on the way to it.
json::Position PositionOf(const Value& root, std::string_view pointer) {
  const Value* value = &root;
  for (const auto step : Split(pointer, '/')) {
    if (step.empty()) continue;
    const Value* next = Step(*value, step);
    if (next == nullptr) break;
    value = next;
  }
  return value->at;
}

// Rules whose errors say why a place refuses the profile.
constexpr std::string_view kTellRefusals[] = {
    "empty-rule",
    "errno-without-errno-action",
    "exclusive-fields",
    "legacy-name-field",
    "no-default-action",
    "notify-write",
    "notify-without-listener",
    "notify-default",
    "wrapped-profile",
};

// That a place refuses the profile is told by the rule that says why, where there is one.
void DropToldRefusals(std::vector<Finding>& findings) {
  const auto tells = [](const Finding& of, const Finding& refusal) {
    return std::ranges::find(kTellRefusals, of.rule) != std::end(kTellRefusals) &&
           of.severity == Severity::kError &&
           (refusal.pointer == of.pointer || refusal.pointer.starts_with(of.pointer + "/") ||
            of.pointer.starts_with(refusal.pointer + "/"));
  };
  std::vector<Finding> kept;
  for (const auto& finding : findings) {
    const auto tells_it = [&](const Finding& of) { return tells(of, finding); };
    if (finding.rule != "not-taken" || std::ranges::none_of(findings, tells_it)) kept.push_back(finding);
  }
  findings = std::move(kept);
}

// "whittle-lint: ignore RULE, RULE" in the comment of the entry that the finding is about.
bool IsSilenced(const profile::Document& document, const Finding& finding) {
  constexpr std::string_view kEntries = "/syscalls/", kMark = "whittle-lint: ignore ";
  if (!finding.pointer.starts_with(kEntries)) return false;
  const auto rest = std::string_view(finding.pointer).substr(kEntries.size());
  const auto entry = ParseUnsigned(rest.substr(0, rest.find('/')));
  if (!entry || *entry >= document.rules.size()) return false;
  const std::string_view comment = document.rules[*entry].comment;
  const size_t mark = comment.find(kMark);
  if (mark == comment.npos) return false;
  for (const auto list : Split(comment.substr(mark + kMark.size()), ',')) {
    if (Trim(list) == finding.rule) return true;
  }
  return false;
}

void SetPositions(const Value& root, std::vector<Finding>& findings) {
  for (auto& finding : findings) {
    if (finding.at.line == 0) finding.at = PositionOf(root, finding.pointer);
  }
}

}  // namespace

std::string_view SeverityName(Severity severity) {
  constexpr std::array<std::string_view, 3> kNames = {"info", "warning", "error"};
  return kNames[static_cast<size_t>(severity)];
}

std::vector<Target> UsualTargets() {
  Target old_docker;  // Debian 12's
  old_docker.capabilities = profile::DefaultCapabilities();
  Target docker = old_docker;
  docker.loader_version = {28, 5, 2};
  docker.runtime_version = {1, 5, 1};
  Target podman = docker;
  podman.loader = Loader::kPodman;
  podman.loader_version = {5, 6, 0};
  podman.runtime = Runtime::kCrun;
  podman.runtime_version = {1, 29, 1};
  Target localhost = docker;
  localhost.loader = Loader::kOci;
  localhost.loader_version = {2, 1, 0};
  Target localhost_crun = localhost;
  localhost_crun.runtime = Runtime::kCrun;
  localhost_crun.runtime_version = {1, 29, 1};
  Target docker_crun = old_docker;
  docker_crun.runtime = Runtime::kCrun;
  docker_crun.runtime_version = {1, 8, 1};
  return {docker, old_docker, docker_crun, podman, localhost, localhost_crun};
}

std::vector<Finding> Lint(std::string_view text, const Options& options) {
  return LintAndPlaces(text, options).findings;
}

Linting LintAndPlaces(std::string_view text, const Options& options) {
  size_t looks_left = kLooks;
  return LintWithin(looks_left, text, options);
}

Linting LintWithin(size_t& looks_left, std::string_view text, const Options& options) {
  const Subject subject(text, options, looks_left);
  std::vector<Finding> findings;
  Sink sink(findings);
  for (const auto& rule : Rules()) {
    if (!Applies(rule, subject)) continue;
    sink.Begin(rule.id);
    rule.check(subject, sink);
    sink.End();
  }
  if (const auto* document = subject.document())
    std::erase_if(findings, [&](const Finding& finding) { return IsSilenced(*document, finding); });
  DropToldRefusals(findings);
  Linting inner = LintInner(subject, options);
  std::ranges::move(inner.findings, std::back_inserter(findings));  // of its own it has done it
  if (subject.root() != nullptr) SetPositions(*subject.root(), findings);
  const auto order = [](const Finding& finding) {
    return std::tuple(finding.at.line, finding.at.column, -static_cast<int>(finding.severity), finding.rule);
  };
  std::ranges::stable_sort(findings, {}, order);
  if (subject.document() != nullptr)
    subject.ForEachPlace([&](const Place& place) { inner.asked.push_back(place.target); });
  return {std::move(findings), std::move(inner.asked), inner.inside};
}

std::string AskedText(const std::vector<Target>& asked) {
  std::vector<std::string> loaders;
  std::map<Runtime, std::set<std::string>> versions;  // by the runtime
  for (const auto& target : asked) {
    std::string loader = target.loader == Loader::kOci ? "Localhost profiles"
                                                       : std::string(profile::LoaderName(target.loader));
    if (std::ranges::find(loaders, loader) == loaders.end()) loaders.push_back(std::move(loader));
    versions[target.runtime].insert(target.runtime_version.Text());
  }
  std::vector<std::string> runtimes;
  for (const auto& [runtime, of] : versions) {
    std::string name(runtime == Runtime::kNone ? "whittle run" : profile::RuntimeName(runtime));
    if (runtime != Runtime::kNone && of.size() == 1) name += " " + *of.begin();
    runtimes.push_back(std::move(name));
  }
  return asked.empty() ? "" : fmt::format("{}, with {}", JoinWithAnd(loaders), JoinWithAnd(runtimes));
}

}  // namespace whittle::lint
