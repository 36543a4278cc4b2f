#include "lint/subject.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "lint/fates.h"
#include "manifest/finalizers.h"
#include "manifest/read.h"
#include "optimize/drift.h"
#include "profile/catalogue.h"
#include "profile/known_defaults.h"
#include "profile/library_names.h"
#include "syscalls/table.h"

namespace whittle::lint {
namespace {

using profile::Blocks;
using profile::Document;
using profile::Loader;
using profile::Runtime;
using profile::Target;

// Messages of the reader begin with it; who shows findings names the file.
const std::string kFile = "profile";

bool IsNative(Abi abi) { return SiblingAbis(abi).front() == abi && !Is32Bit(abi); }

std::set<Abi> ListedAbis(const Document& document) {
  std::set<Abi> listed;
  const auto add = [&](const std::string& name) {
    if (const auto abi = ParseAbi(name)) listed.insert(*abi);
  };
  for (const auto& name : document.architectures) add(name);
  for (const auto& mapping : document.arch_map) {
    add(mapping.architecture);
    for (const auto& name : mapping.sub_architectures) add(name);
  }
  return listed;
}

// The machine whose programs the ABIs are: one whose own ABI is among them, or else one that runs one of
// them.
std::optional<Abi> MachineOf(const std::set<Abi>& listed) {
  const auto native = std::ranges::find_if(listed, IsNative);
  if (native != listed.end()) return *native;
  for (const Abi machine : AllAbis()) {
    const auto runs = [&](Abi abi) { return listed.contains(abi); };
    if (IsNative(machine) && std::ranges::any_of(SiblingAbis(machine), runs)) return machine;
  }
  return std::nullopt;
}

// The place that a profile of the catalogue is for, word for word: a loader, or nobody who reads plain OCI.
struct Home {
  std::optional<Loader> loader;
};
std::optional<Home> HomeOf(const Document& document, const json::Value& root) {
  if (document.decided_by_containerd) return Home{Loader::kOci};
  if (const auto loader = profile::DefaultOf(root)) return Home{*loader};
  if (document.arch_map.empty()) return std::nullopt;  // none of them is without
  const std::string plain = profile::Write(profile::Plain(document));
  for (const auto& entry : profile::Catalogue()) {
    const auto known = profile::ReadCatalogue(entry.name);
    if (!known || profile::Write(profile::Plain(*known)) != plain) continue;
    if (entry.name == "docker-default") return Home{Loader::kDocker};
    if (entry.name == "podman-default") return Home{Loader::kPodman};
    if (entry.name == "containerd-default") return std::nullopt;  // a copy, which says all that it does
    return Home{};
  }
  return std::nullopt;
}

bool IsFor(const Home& home, Loader loader) {
  return home.loader ? loader == *home.loader : loader != Loader::kOci;
}

Located At1(std::string pointer, std::string message) {
  return {{1, 1}, std::move(pointer), std::move(message)};
}

// An object as an API server gives it, or a part of one with the operator's finalizers.
bool IsLive(const json::Value& value) {
  const auto* metadata = manifest::Member(&value, "metadata");
  const bool is_object =
      !manifest::Text(&value, "kind").empty() && !manifest::Text(&value, "apiVersion").empty();
  const bool served =
      manifest::Member(metadata, "uid") != nullptr || manifest::Member(&value, "status") != nullptr;
  return (is_object && served) || manifest::HasFinalizers(value);
}

// What a ConfigMap holds may become a node's file; it is none itself.
bool IsConfigMap(const json::Value& value) {
  return manifest::Text(&value, "kind") == "ConfigMap" && !manifest::Text(&value, "apiVersion").empty();
}

// The rules of a call, if the place's filter knows the ABI and the ABI the call.
std::optional<filter::Resolution> Resolved(const Place& place, Abi abi, std::string_view call) {
  const auto number = profile::LibraryNumber(abi, call);
  if (!place.filtered() || !number) return std::nullopt;
  return filter::Resolve(place.meaning, abi, *number);
}

bool Unconditional(const filter::Resolution& resolution) {
  return resolution.rules != nullptr && !resolution.rules->empty() &&
         resolution.rules->front().conditions.empty();
}

}  // namespace

Located ParseLocated(std::string_view message) {
  Located located = At1("/", std::string(message));
  const auto take = [&](std::string_view separator) {
    const size_t at = message.find(separator);
    const auto part = message.substr(0, at);
    message = at == message.npos ? "" : message.substr(at + separator.size());
    return part;
  };
  take(":");
  if (message.starts_with(' ')) {  // no line: the text was too large, or the place has none
    message = message.substr(1);
  } else {
    const auto line = ParseUnsigned(take(":"));
    const auto column = ParseUnsigned(take(": "));
    if (!line || !column) return located;
    located.at = {static_cast<uint32_t>(*line), static_cast<uint32_t>(*column)};
  }
  if (message.starts_with('/')) located.pointer = take(": ");
  located.message = message;
  return located;
}

bool Place::Ignores(std::string_view member) const {
  return std::ranges::any_of(meaning.notes, [&](const filter::Note& note) {
    return note.rule < 0 && note.quirk == filter::Quirk::kIgnoredMember && note.what == member;
  });
}

Passes PassesAt(const Place& place, Abi abi, std::string_view call) {
  const auto resolution = Resolved(place, abi, call);
  if (!resolution) return Passes::kNever;
  size_t passing = 0, blocking = 0;
  const auto count = [&](profile::Action action) { ++(Blocks(action) ? blocking : passing); };
  if (resolution->rules != nullptr) {
    for (const auto& rule : *resolution->rules) count(rule.action);
  }
  if (!Unconditional(*resolution)) count(resolution->decision.action);
  if (passing == 0) return Passes::kNever;
  return blocking == 0 ? Passes::kAlways : Passes::kSometimes;
}

filter::Decision RefusalAt(const Place& place, Abi abi, std::string_view call) {
  const auto resolution = Resolved(place, abi, call);
  if (!resolution) return place.meaning.foreign_abi;
  if (resolution->rules != nullptr) {
    for (const auto& rule : *resolution->rules) {
      if (Blocks(rule.action)) return {rule.action, rule.data, rule.rule, rule.quirk};
    }
  }
  return resolution->decision;
}

bool Kills(profile::Action action) {
  using profile::Action;
  return action == Action::kKillProcess || action == Action::kKillThread || action == Action::kTrap;
}

Subject::Subject(std::string_view text, const Options& options, size_t& looks_left)
    : text_(text), options_(options), looks_left_(looks_left) {
  auto root = profile::ReadTree(text, kFile);
  is_manifest_ = ReadManifest(root);
  if (is_manifest_) return;
  if (!root) {
    error_ = ParseLocated(root.error().message);
    return;
  }
  root_ = std::move(*root);
  auto document = profile::ReadValue(*root_, kFile, profile::Reading::kAsRuntimes);
  if (!document) {
    error_ = ParseLocated(document.error().message);
    return;
  }
  document_ = std::move(*document);
  document_->decided_by_containerd = options.containerds_own;
  ChooseTargets(options);
  Index();
}

// Something in JSON may be meant as a profile even if it is an object of Kubernetes; it is not if it holds
// pods, or comes from an API server. In YAML nothing is a profile for a runtime.
bool Subject::ReadManifest(const Result<json::Value>& json) {
  const bool broken_yaml = options_.yaml && !json;
  if (!broken_yaml && !manifest::MayBeManifest(text_)) return false;
  if (json) {
    const bool is_profile = json->Find("defaultAction") != nullptr || json->Find("syscalls") != nullptr;
    const bool is_object = manifest::IsManifest(*json, false) || IsConfigMap(*json) || IsLive(*json);
    if (is_profile || !is_object) return false;
    root_ = *json;
  } else {
    auto root = manifest::Read(text_, kFile);
    if (!root) {
      if (!broken_yaml && !manifest::LooksLikeManifest(text_)) return false;
      error_ = ParseLocated(root.error().message);
      return true;
    }
    if (!manifest::IsManifest(*root, true)) return false;
    root_ = std::move(*root);
  }
  pods_ = manifest::FindPods(*root_);
  objects_ = manifest::Objects(*root_);
  known_ = options_.cluster.known;
  manifest::AddObjects(objects_, known_);
  return true;
}

void Subject::ChooseTargets(const Options& options) {
  std::vector<Target> targets = options.targets;
  abis_ = ListedAbis(*document_);
  const auto machine = MachineOf(abis_);
  for_unknown_machine_ = options.usual && !machine && lists_architectures();
  if (options.usual) {
    const auto made = optimize::MadeForOf(*document_);
    const auto home = HomeOf(*document_, *root_);
    std::erase_if(targets, [&](const Target& target) { return home && !IsFor(*home, target.loader); });
    for (auto& target : targets) {
      if (optimize::MadeForWhittle(*document_)) target.runtime = Runtime::kNone;
      if (made) target.runtime = made->runtime.runtime;
      if (made) target.runtime_version = made->runtime.version;
      if (made) target.no_new_privs = made->no_new_privs;
      if (machine && !abis_.contains(target.arch)) target.arch = *machine;
    }
  }
  for (const auto& target : targets) abis_.insert(target.arch);
  const bool docker_format = needs_docker_format();
  for (const auto& target : targets) {
    auto& places = docker_format && target.loader == Loader::kOci ? misreading_ : places_;
    const auto known = [&](const Place& place) { return place.target.Text() == target.Text(); };
    if (std::ranges::none_of(places, known))
      places.push_back({target, filter::MeaningOf(*document_, target)});
  }
}

void Subject::Index() {
  for (size_t rule = 0; rule < document_->rules.size(); ++rule) {
    const auto& names = document_->rules[rule].names;
    for (size_t i = 0; i < names.size(); ++i) IndexName(names[i], {rule, i});
    const auto& legacy = document_->rules[rule].legacy_name;
    if (!legacy.empty()) IndexName(legacy, {rule, Mention::kLegacy});
    if (!legacy.empty() && names.empty()) legacy_[rule] = {legacy};
  }
}

void Subject::IndexName(std::string_view text, const Mention& mention) {
  Name& name = names_[text];
  if (name.mentions.empty()) {
    name.known = profile::LibraryName::Find(text).has_value() || IsSyscallName(text);
    name.here = std::ranges::any_of(
        abis_, [&](Abi abi) { return profile::LibraryNumber(abi, text) || SyscallNumber(abi, text); });
  }
  name.opened = name.opened || !Blocks(document_->rules[mention.rule].action);
  name.mentions.push_back(mention);
}

const std::vector<std::string>& Subject::CallsOf(size_t rule) const {
  const auto legacy = legacy_.find(rule);
  return legacy == legacy_.end() ? document_->rules[rule].names : legacy->second;
}

std::string Subject::AtCall(size_t rule, size_t index) const {
  return legacy_.contains(rule) ? At(rule, "name") : At(rule, "names", index);
}

const Fates& Subject::fates() const {
  if (!fates_) fates_ = std::make_shared<const Fates>(*this, looks_left_);
  return *fates_;
}

bool Subject::lists_architectures() const {
  return !document_->architectures.empty() || !document_->arch_map.empty();
}

std::string Subject::ArchitecturesPointer() const {
  if (!document_->arch_map.empty()) return "/archMap";
  return root_->Find("architectures") == nullptr ? "/" : "/architectures";
}

bool Subject::has_docker_members() const {
  if (document_->decided_by_containerd) return false;
  return !document_->arch_map.empty() || std::ranges::any_of(document_->rules, [](const profile::Rule& rule) {
    return !rule.includes.empty() || !rule.excludes.empty();
  });
}

bool Subject::needs_docker_format() const {
  return has_docker_members() || std::ranges::any_of(document_->rules, [](const profile::Rule& rule) {
           return !rule.legacy_name.empty() && rule.names.empty();
         });
}

bool Subject::deny_list() const {
  return document_->has_default_action && !Blocks(document_->default_action);
}

bool Subject::made_of_evidence() const {
  return optimize::MadeForOf(*document_) || optimize::MadeForWhittle(*document_);
}

std::string At(size_t rule) { return fmt::format("/syscalls/{}", rule); }
std::string At(size_t rule, std::string_view member) { return fmt::format("/syscalls/{}/{}", rule, member); }
std::string At(size_t rule, std::string_view member, size_t index) {
  return fmt::format("/syscalls/{}/{}/{}", rule, member, index);
}
std::string At(const Mention& mention) {
  return mention.index == Mention::kLegacy ? At(mention.rule, "name")
                                           : At(mention.rule, "names", mention.index);
}

std::string PlaceName(const Target& target) {
  const std::string_view loader =
      target.loader == Loader::kOci ? "a Localhost profile" : LoaderName(target.loader);
  std::string name = target.loader == Loader::kOci
                         ? std::string(loader)
                         : fmt::format("{} {}", loader, target.loader_version.Text());
  if (target.runtime == Runtime::kNone) return name + " loaded by whittle";
  return fmt::format("{} with {} {}", name, RuntimeName(target.runtime), target.runtime_version.Text());
}

std::string PlaceNames(const std::vector<const Place*>& places) {
  std::vector<std::string> names;
  for (const Place* place : places) names.push_back(PlaceName(place->target));
  return Listed(names, 3);
}

std::string Listed(const std::vector<std::string>& words, size_t most) {
  if (words.size() <= most) return Join(words, ", ");
  return fmt::format("{} and {} more", Join(std::span(words).first(most), ", "), words.size() - most);
}

Finding MoreOf(const Finding& last, Severity worst, size_t count) {
  return {last.rule, worst, last.pointer, last.at, fmt::format("and {} more findings of this kind", count),
          "",        count};
}

void Sink::Begin(std::string_view rule) {
  rule_ = rule;
  count_ = 0;
  worst_ = Severity::kInfo;
}

void Sink::End() {
  if (count_ <= kMost) return;
  findings_.push_back(MoreOf(findings_.back(), worst_, count_ - kMost));
}

void Sink::Add(Severity severity, Where where, std::string message, std::string fix) {
  if (count_ >= kMost) worst_ = std::max(worst_, severity);
  if (++count_ > kMost) return;
  findings_.push_back(
      {rule_, severity, std::move(where.pointer), where.at, Printable(message), Printable(fix)});
}

void Sink::AddUntold(Severity severity, size_t count) {
  if (count == 0) return;
  worst_ = std::max(worst_, severity);
  count_ += count;
}

void Sink::AddAt(Severity severity, const Located& located, std::string fix) {
  Add(severity, Where{located.pointer, located.at}, located.message, std::move(fix));
}

}  // namespace whittle::lint
