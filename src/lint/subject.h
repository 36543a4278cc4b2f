// What the rules look at: the text, what it reads as, and what it means at each place. Pure; not thread safe
// (what costs is worked out when it is asked for).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "filter/meaning.h"
#include "lint/lint.h"
#include "manifest/cluster.h"
#include "manifest/pods.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::lint {

// An error or a warning of the reader, taken apart again.
struct Located {
  json::Position at;
  std::string pointer;
  std::string message;
};
// "FILE:LINE:COLUMN: POINTER: MESSAGE", as profile::Read writes it.
Located ParseLocated(std::string_view message);

// The document at one place.
struct Place {
  profile::Target target;
  filter::Meaning meaning;
  bool filtered() const { return meaning.state == filter::Compiled::State::kFiltered; }
  // The loader passes over that member of the document.
  bool Ignores(std::string_view member) const;
};

// Whether calls of one name are let pass (ALLOW, LOG).
enum class Passes : uint8_t { kNever, kSometimes, kAlways };
Passes PassesAt(const Place& place, Abi abi, std::string_view call);
// What refuses it if it is not always let pass: the strictest action, with its errno.
filter::Decision RefusalAt(const Place& place, Abi abi, std::string_view call);

// Ends the program: KILL_PROCESS, KILL_THREAD, or TRAP, whose signal few expect.
bool Kills(profile::Action action);

// Where a name stands.
struct Mention {
  size_t rule = 0;
  size_t index = 0;  // in names; kLegacy: the member `name`
  static constexpr size_t kLegacy = SIZE_MAX;
};

// What there is to know of a name that the document has; there may be a million of them, but few that differ.
struct Name {
  std::vector<Mention> mentions;  // in the order of the document
  bool known = false;             // some version of libseccomp knows it, or the kernel has it
  bool here = false;              // on one of the document's ABIs
  bool opened = false;            // some rule that names it lets calls pass
};

class Fates;

class Subject {
 public:
  // All must outlive it. The looks (covers.h) are what may be spent on it, and on what is inside of it.
  Subject(std::string_view text, const Options& options, size_t& looks_left);
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  std::string_view text() const { return text_; }
  const json::Value* root() const { return root_ ? &*root_ : nullptr; }
  const profile::Document* document() const { return document_ ? &*document_ : nullptr; }
  // Why there is no tree, or no document.
  const std::optional<Located>& error() const { return error_; }

  // The text is a manifest of Kubernetes instead of a profile. Its tree is that of its document, or the list
  // of them; there is none if it is broken.
  bool is_manifest() const { return is_manifest_; }
  const std::vector<manifest::Pod>& pods() const { return pods_; }
  const std::vector<manifest::Place>& objects() const { return objects_; }
  // What was said of the cluster, and what is in the manifest.
  const manifest::Cluster& known() const { return known_; }
  const ClusterOptions& cluster() const { return options_.cluster; }

  // Of a document only. Who passes over members that only docker and podman know makes another document of
  // it; that is told once, and such places are left out of places() unless there are no others.
  const std::vector<Place>& places() const { return places_.empty() ? misreading_ : places_; }
  void ForEachPlace(const auto& check) const {
    for (const auto& place : places_) check(place);
    for (const auto& place : misreading_) check(place);
  }
  // The ABIs that the document is about: those that it lists, else the native one of the places.
  const std::set<Abi>& abis() const { return abis_; }
  bool lists_architectures() const;
  // It lists ABIs, and no machine that is known here runs one of them: the places are another machine's.
  bool for_unknown_machine() const { return for_unknown_machine_; }
  // "/architectures", "/archMap", or "/" where neither is given.
  std::string ArchitecturesPointer() const;
  // It has members that only docker and podman know (archMap, includes, excludes), and containerd passes
  // over.
  bool has_docker_members() const;
  // The same, or entries that have only the old member `name`.
  bool needs_docker_format() const;
  // What no rule names passes: the document is a list of what is forbidden.
  bool deny_list() const;
  // Whittle made it of evidence: what is allowed and asked is what programs were seen to need.
  bool made_of_evidence() const;
  // The calls of an entry: its names, or if it has none the one of the old member `name`, as docker and
  // podman read it; and where one of them stands.
  const std::vector<std::string>& CallsOf(size_t rule) const;
  std::string AtCall(size_t rule, size_t index) const;
  bool Mentions(std::string_view name) const { return names_.contains(name); }
  // A name that is in the document.
  const Name& NameOf(std::string_view name) const { return names_.at(name); }
  const std::unordered_map<std::string_view, Name>& names() const { return names_; }
  // What becomes of the entries (fates.h), of a document only; worked out once.
  const Fates& fates() const;
  size_t& looks_left() const { return looks_left_; }

 private:
  bool ReadManifest(const Result<json::Value>& json);
  void ChooseTargets(const Options& options);
  void Index();
  void IndexName(std::string_view name, const Mention& mention);

  std::string_view text_;
  const Options& options_;
  size_t& looks_left_;
  mutable std::shared_ptr<const Fates> fates_;
  bool is_manifest_ = false, for_unknown_machine_ = false;
  std::vector<manifest::Pod> pods_;
  std::vector<manifest::Place> objects_;
  manifest::Cluster known_;
  std::optional<json::Value> root_;
  std::optional<profile::Document> document_;
  std::optional<Located> error_;
  std::vector<Place> places_, misreading_;
  std::set<Abi> abis_;
  std::unordered_map<std::string_view, Name> names_;
  std::unordered_map<size_t, std::vector<std::string>> legacy_;  // by entry: the old name where it counts
};

// "/syscalls/3", "/syscalls/3/errnoRet", "/syscalls/3/args/1".
std::string At(size_t rule);
std::string At(size_t rule, std::string_view member);
std::string At(size_t rule, std::string_view member, size_t index);
std::string At(const Mention& mention);

// "docker 28.5.2 with runc 1.5.1"; of several: up to three, and how many more.
std::string PlaceName(const profile::Target& target);
std::string PlaceNames(const std::vector<const Place*>& places);
// "a, b, c and 4 more".
std::string Listed(const std::vector<std::string>& words, size_t most = 8);

// Stands for those of a rule that are not kept, beside the last one that is.
Finding MoreOf(const Finding& last, Severity worst, size_t count);

// What a finding is about. Without a position, {0, 0}, it is looked up by the pointer. Who has the value
// gives it, since long names are cut in pointers, and two may look the same.
struct Where {
  std::string pointer;
  json::Position at;
};

// Takes what a rule finds. Of one rule a hundred are kept, and the others counted.
class Sink {
 public:
  static constexpr size_t kMost = 100;

  explicit Sink(std::vector<Finding>& findings) : findings_(findings) {}

  void Begin(std::string_view rule);
  void End();  // says how many more there are
  bool Full() const { return count_ >= kMost; }

  void Add(Severity severity, std::string pointer, std::string message, std::string fix = "") {
    Add(severity, Where{std::move(pointer), {}}, std::move(message), std::move(fix));
  }
  void Add(Severity severity, Where where, std::string message, std::string fix = "");
  // More of the kind than are kept.
  void AddUntold(Severity severity, size_t count);
  // For what has a place but no pointer to look up: text that is no JSON.
  void AddAt(Severity severity, const Located& located, std::string fix = "");

 private:
  std::vector<Finding>& findings_;
  std::string_view rule_;
  Severity worst_ = Severity::kInfo;
  size_t count_ = 0;
};

}  // namespace whittle::lint
