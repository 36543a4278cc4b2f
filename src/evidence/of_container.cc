#include "evidence/of_container.h"

namespace whittle::evidence {
namespace {

// The recordings that saw a subject for which `wanted` holds.
template <typename Wanted>
std::set<std::string> SeenBy(const Evidence& evidence, Wanted wanted) {
  std::set<std::string> ids;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (!wanted(subject)) continue;
    for (const auto& [key, observation] : calls) {
      for (const auto& [id, epochs] : observation.epochs) ids.insert(id);
    }
  }
  return ids;
}

}  // namespace

std::set<std::string> Containers(const Evidence& evidence) {
  std::set<std::string> names;
  for (const auto& [subject, calls] : evidence.subjects) names.insert(subject.container);
  return names;
}

Evidence OfContainer(const Evidence& evidence, const std::string& container) {
  Evidence part = evidence;
  const auto is_other = [&](const auto& entry) { return entry.first.container != container; };
  std::erase_if(part.subjects, is_other);
  std::erase_if(part.scripts, is_other);
  const auto its = SeenBy(part, [](const Subject&) { return true; });
  const auto all = SeenBy(evidence, [](const Subject&) { return true; });
  const auto is_others = [&](const std::string& id) { return all.contains(id) && !its.contains(id); };
  std::erase_if(part.recordings, [&](const auto& entry) { return is_others(entry.first); });
  std::erase_if(part.gaps, [&](const Gap& gap) { return is_others(gap.recording); });
  return part;
}

}  // namespace whittle::evidence
