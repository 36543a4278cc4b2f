#include "lint/inner.h"

#include <fmt/core.h>

#include <algorithm>

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
  if (!options.usual) return nodes;
  std::erase_if(nodes.targets, [](const auto& target) { return target.loader != profile::Loader::kOci; });
  return nodes;
}

void AddSpec(const manifest::Place& object, const Options& options, std::vector<Finding>& findings) {
  const auto* spec = Member(object.value, "spec");
  if (spec == nullptr || spec->Find("defaultAction") == nullptr) return;
  const bool has_base = !profile::BaseOfSpec(*spec).empty();
  for (auto& finding : Lint(json::Write(profile::ProfileOfSpec(*spec)), options)) {
    if (has_base && IsOneOf(kOfTheBase, finding.rule)) continue;
    finding.pointer = object.pointer + "/spec" + (finding.pointer == "/" ? "" : finding.pointer);
    finding.at = {};  // that in the text which was made of it
    if (finding.rule == "default-eperm-hides-new-calls")
      finding.fix =
          "the object has no default errno: name the calls that are to get ENOSYS, with errnoRet 38";
    findings.push_back(std::move(finding));
  }
}

// Members that are a profile as text.
void AddData(const manifest::Place& object, const Options& options, std::vector<Finding>& findings) {
  const auto* data = Member(object.value, "data");
  if (data == nullptr) return;
  for (const auto& member : data->members) {
    const bool may_be =
        member.value.is(json::Kind::kString) && member.value.text.find("defaultAction") != std::string::npos;
    if (!may_be) continue;
    const auto inner = json::Parse(member.value.text, "");
    if (!inner || inner->Find("defaultAction") == nullptr) continue;
    for (auto& finding : Lint(member.value.text, options)) {
      finding.message =
          fmt::format("line {} of it, {}: {}", finding.at.line, finding.pointer, finding.message);
      finding.pointer = object.pointer + "/data" + json::PointerStep(member.name);
      finding.at = member.value.at;
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

std::vector<Finding> LintInner(const Subject& subject, const Options& options) {
  std::vector<Finding> findings;
  const Options nodes = ForNodes(options);
  for (const auto& object : subject.objects()) {
    const auto kind = Text(object.value, "kind");
    if (profile::IsSeccompProfile(*object.value)) AddSpec(object, nodes, findings);
    if (kind == "ConfigMap") AddData(object, nodes, findings);
  }
  return findings;
}

}  // namespace whittle::lint
