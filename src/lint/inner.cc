#include "lint/inner.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "profile/object.h"

namespace whittle::lint {
namespace {

using manifest::Member;
using manifest::Text;

// What a profile that is added to another one need not have itself.
constexpr std::string_view kOfTheBase[] = {"baseline-not-covered", "missing-sibling",
                                           "program-start-refused"};

template <typename List, typename T>
bool IsOneOf(const List& list, const T& value) {
  return std::ranges::find(list, value) != std::end(list);
}

Options ForNodes(const Options& options) {
  Options nodes = options;
  nodes.yaml = false;  // on a node it is the text of a member, whatever the manifest is written in
  if (!options.usual) return nodes;
  std::erase_if(nodes.targets, [](const auto& target) { return target.loader != profile::Loader::kOci; });
  return nodes;
}

// Of one rule as many are kept as of one profile, however many profiles there are; a place is kept once. Nor
// are more profiles looked at than the bounds say, since each costs, however short it is: not even whether
// the others are any, behind the first one that is too many.
class Kept {
 public:
  explicit Kept(size_t& looks_left) : looks_left_(looks_left) {}

  // What is found in one of them.
  std::vector<Finding> FindingsOf(const std::string& text, const Options& options) {
    inside_.more = inside_.more || inside_.looked_at == kMostInside || text.size() > kMostTextInside - bytes_;
    if (inside_.more) return {};
    ++inside_.looked_at;
    bytes_ += text.size();
    Linting one = LintWithin(looks_left_, text, options);
    for (auto& target : one.asked) {
      if (places_.insert(target.Text()).second) asked_.push_back(std::move(target));
    }
    return std::move(one.findings);
  }
  // Whether there is room for it; if not, it is counted.
  bool HasRoom(const Finding& finding) {
    Count& count = counts_[finding.rule];
    if (count.kept < Sink::kMost) return true;
    count.worst = std::max(count.worst, finding.severity);
    count.more += finding.count;
    return false;
  }
  void Add(Finding finding) {
    Count& count = counts_[finding.rule];
    ++count.kept;
    count.last = findings_.size();
    findings_.push_back(std::move(finding));
  }
  bool IsFull() const { return inside_.more; }
  Linting Take() {
    for (const auto& [rule, count] : counts_) {
      if (count.more > 0) findings_.push_back(MoreOf(findings_[count.last], count.worst, count.more));
    }
    return {std::move(findings_), std::move(asked_), inside_};
  }

 private:
  struct Count {
    size_t kept = 0, last = 0, more = 0;
    Severity worst = Severity::kInfo;
  };
  size_t& looks_left_;
  std::vector<Finding> findings_;
  std::vector<profile::Target> asked_;
  std::set<std::string> places_;  // their texts
  Inside inside_;
  size_t bytes_ = 0;  // of the profiles that were looked at
  std::map<std::string_view, Count> counts_;
};

void AddSpec(const manifest::Place& object, const Options& options, Kept& kept) {
  const auto* spec = Member(object.value, "spec");
  if (spec == nullptr) return;
  // With neither it is no profile yet.
  if (spec->Find("defaultAction") == nullptr && spec->Find("syscalls") == nullptr) return;
  if (spec->Find("defaultErrnoRet") != nullptr) {
    Finding dropped;
    dropped.rule = "odd-member";
    dropped.pointer = object.pointer + "/spec/defaultErrnoRet";
    dropped.message = "a SeccompProfile has no such member: the API server drops it";
    dropped.fix = "name the calls that are to get another errno than EPERM, with errnoRet";
    if (kept.HasRoom(dropped)) kept.Add(std::move(dropped));
  }
  const bool has_base = !profile::BaseOfSpec(*spec).empty();
  for (auto& finding : kept.FindingsOf(json::Write(profile::ProfileOfSpec(*spec)), options)) {
    if ((has_base && IsOneOf(kOfTheBase, finding.rule)) || !kept.HasRoom(finding)) continue;
    finding.pointer = object.pointer + "/spec" + (finding.pointer == "/" ? "" : finding.pointer);
    finding.at = {};  // that in the text which was made of it
    if (finding.rule == "default-eperm-hides-new-calls")
      finding.fix =
          "the object has no default errno: name the calls that are to get ENOSYS, with errnoRet 38";
    kept.Add(std::move(finding));
  }
}

bool HasAWordOfProfiles(std::string_view text) {
  return text.find("defaultAction") != text.npos || text.find("SCMP_ACT_") != text.npos;
}

// It is one, lacks its default action or a wrapping less, or is the list of its rules. Other documents may
// hold profiles where they belong: objects of Kubernetes, a bundle's configuration, a table of several.
bool IsMeantAsProfile(const json::Value& root) {
  const auto is_part = [](const json::Value& item) {
    const auto* action = item.Find("action");
    return item.Find("defaultAction") != nullptr ||
           (action != nullptr && action->text.starts_with("SCMP_ACT_"));
  };
  if (root.is(json::Kind::kArray)) return std::ranges::any_of(root.items, is_part);
  if (!root.is(json::Kind::kObject)) return true;
  const auto* entries = root.Find("syscalls");
  if (root.Find("defaultAction") != nullptr || (entries != nullptr && entries->is(json::Kind::kArray)))
    return true;
  return root.members.size() == 1 && root.members.front().value.Find("defaultAction") != nullptr;
}

// "[crio.runtime]" of other formats does not; behind comments, which it must not have, it may.
bool BeginsAsJson(std::string_view text) {
  while (text.starts_with("//") || text.starts_with('#'))
    text = Trim(text.substr(std::min(text.find('\n'), text.size())));
  const auto second = Trim(text.substr(std::min<size_t>(text.size(), 1)));
  return text.starts_with('{') ||
         (text.starts_with('[') && (second.starts_with('{') || second.starts_with('"')));
}

// A member of a ConfigMap that a node may get as a profile's file.
bool IsMeantAsProfile(std::string_view name, std::string_view text) {
  const bool template_of_one = text.find("{{") != text.npos;
  if (!HasAWordOfProfiles(text) || template_of_one) return false;
  const auto trimmed = Trim(text);
  if (!name.ends_with(".json") && !trimmed.starts_with('{') && !trimmed.starts_with('[')) return false;
  const auto root = json::Parse(text, "");
  return root ? IsMeantAsProfile(*root) : BeginsAsJson(trimmed);
}

// Members that are a profile as text.
void AddData(const manifest::Place& object, const Options& options, Kept& kept) {
  const auto* data = Member(object.value, "data");
  if (data == nullptr) return;
  for (const auto& member : data->members) {
    if (kept.IsFull()) return;
    if (!member.value.is(json::Kind::kString) || !IsMeantAsProfile(member.name, member.value.text)) continue;
    for (auto& finding : kept.FindingsOf(member.value.text, options)) {
      if (!kept.HasRoom(finding)) continue;
      finding.message =
          fmt::format("line {} of it, {}: {}", finding.at.line, finding.pointer, finding.message);
      finding.pointer = object.pointer + "/data" + json::PointerStep(member.name);
      finding.at = member.value.at;
      kept.Add(std::move(finding));
    }
  }
}

}  // namespace

Linting LintInner(const Subject& subject, const Options& options) {
  Kept kept(subject.looks_left());
  const Options nodes = ForNodes(options);
  for (const auto& object : subject.objects()) {
    if (kept.IsFull()) break;
    const auto kind = Text(object.value, "kind");
    if (profile::IsSeccompProfile(*object.value)) AddSpec(object, nodes, kept);
    if (kind == "ConfigMap") AddData(object, nodes, kept);
  }
  return kept.Take();
}

}  // namespace whittle::lint
