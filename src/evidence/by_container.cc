#include "evidence/by_container.h"

#include <set>

namespace whittle::evidence {
namespace {

using Ids = std::set<std::string>;

void AddRecordings(const Calls& calls, Ids& ids) {
  for (const auto& [key, observation] : calls) {
    for (const auto& [id, epochs] : observation.epochs) ids.insert(id);
  }
}

}  // namespace

std::map<std::string, Evidence> ByContainer(const Evidence& evidence) {
  std::map<std::string, Evidence> parts;
  std::map<std::string, Ids> seen_by;
  Ids saw_somebody;
  for (const auto& [subject, calls] : evidence.subjects) {
    parts[subject.container].subjects.emplace(subject, calls);
    AddRecordings(calls, seen_by[subject.container]);
  }
  for (const auto& [container, ids] : seen_by) saw_somebody.insert(ids.begin(), ids.end());
  for (const auto& [subject, scripts] : evidence.scripts)
    parts[subject.container].scripts.emplace(subject, scripts);
  for (auto& [container, part] : parts) {
    const auto& its = seen_by[container];
    const auto concerns = [&](const std::string& id) {
      return its.contains(id) || !saw_somebody.contains(id);
    };
    for (const auto& [id, recording] : evidence.recordings) {
      if (concerns(id)) part.recordings.emplace(id, recording);
    }
    for (const auto& gap : evidence.gaps) {
      if (concerns(gap.recording)) part.gaps.insert(gap);
    }
  }
  return parts;
}

}  // namespace whittle::evidence
