#include "evidence/under_filter.h"

#include <algorithm>

namespace whittle::evidence {
namespace {

bool Watched(const Evidence& evidence, const std::string& id) {
  const auto recording = evidence.recordings.find(id);
  return recording != evidence.recordings.end() && recording->second.refusals_watched;
}

}  // namespace

void AddUnderFilterGaps(Evidence& evidence) {
  std::set<std::string> unwatched;
  for (const auto& [subject, calls] : evidence.subjects) {
    for (const auto& [key, observation] : calls) {
      if (!key.under_filter) continue;
      for (const auto& [id, epochs] : observation.epochs) {
        if (!Watched(evidence, id)) unwatched.insert(id);
      }
    }
  }
  for (const auto& id : unwatched) {
    AddGap(evidence.gaps,
           {id, std::string(kUnderFilter),
            "a filter was in force and refusals were not watched: what it refused, and what would have "
            "followed, is missing; record with --denials, or without a filter (--security-opt "
            "seccomp=unconfined)",
            0});
  }
}

HiddenByFilter FindHiddenByFilter(const Evidence& evidence) {
  if (std::ranges::any_of(evidence.gaps, [](const Gap& gap) { return gap.kind == kUnderFilter; })) {
    return HiddenByFilter::kNothing;
  }
  auto hidden = HiddenByFilter::kNothing;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (subject.arrival != Arrival::kWorkload) continue;
    for (const auto& [key, observation] : calls) {
      if (Refused(key.fate)) hidden = std::max(hidden, HiddenByFilter::kWhatFollowed);
      const bool unwatched = std::ranges::any_of(
          observation.epochs, [&](const auto& seen) { return !Watched(evidence, seen.first); });
      if (key.under_filter && unwatched) return HiddenByFilter::kRefusals;
    }
  }
  return hidden;
}

}  // namespace whittle::evidence
