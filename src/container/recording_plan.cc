#include "container/recording_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace whittle::container {
namespace {

constexpr size_t kMinPrefix = 12;  // of an id, as engines show it

std::string Familiar(std::string_view name) {
  for (const std::string_view prefix : {"docker.io/library/", "docker.io/"}) {
    if (name.starts_with(prefix)) return std::string(name.substr(prefix.size()));
  }
  return std::string(name);
}

// "nginx" means "nginx:latest"; a colon before a slash is a registry's port.
std::string WithTag(std::string_view reference) {
  const size_t slash = reference.rfind('/');
  const std::string_view last = slash == reference.npos ? reference : reference.substr(slash + 1);
  return std::string(reference) + (last.find_first_of(":@") == last.npos ? ":latest" : "");
}

}  // namespace

std::string RecordingPlan::Text() const {
  switch (kind) {
    case TargetKind::kContainer:
      return "container " + name;
    case TargetKind::kImage:
      return "image " + name;
    case TargetKind::kContainers:
      return "every container";
    case TargetKind::kCgroup:
      return "cgroup " + name;
    case TargetKind::kProcess:
      return fmt::format("process {}", pid);
    case TargetKind::kCommand:
      break;
  }
  return "command " + Join(command, " ");
}

bool RecordingPlan::WantsNewCgroups() const {
  if (kind == TargetKind::kImage || kind == TargetKind::kContainers) return true;
  return kind == TargetKind::kContainer &&
         (existence == Existence::kMayComeLater || restarts == Restarts::kFollow);
}

bool IsWanted(const RecordingPlan& plan, const ContainerSummary& summary, const Image* image) {
  if (plan.kind == TargetKind::kContainer) {
    return summary.name == plan.name || summary.id == plan.name || summary.id == plan.id ||
           (plan.name.size() >= kMinPrefix && summary.id.starts_with(plan.name));
  }
  if (plan.kind == TargetKind::kContainers) return true;
  if (plan.kind != TargetKind::kImage) return false;
  if (summary.image == plan.name) return true;
  if (image == nullptr) return false;
  if (!summary.image_id.empty()) return summary.image_id == image->id;
  return std::ranges::find(image->names, summary.image) != image->names.end();
}

std::string SubjectOfImage(std::string_view reference, const Image* image) {
  const std::string asked = Familiar(WithTag(reference));
  if (image == nullptr) return asked;
  std::optional<std::string> first;
  for (const auto& name : image->names) {
    if (Familiar(name) == asked) return asked;
    if (!first) first = Familiar(name);
  }
  return first.value_or(Familiar(reference));
}

}  // namespace whittle::container
