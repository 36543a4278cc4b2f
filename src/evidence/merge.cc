// Merging is the join of a lattice: every part is a set union, a maximum, or "the known one of two", each of
// which is associative, commutative and idempotent by itself; so is their product. A contradiction (two known
// and different values) is an error in whichever order it is met.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "evidence/evidence.h"

namespace whittle::evidence {
namespace {

// What a run learns while it runs (its image, its runtime) is empty before; what is known never changes.
bool JoinKnown(std::string& into, const std::string& other) {
  if (into.empty()) into = other;
  return other.empty() || into == other;
}

// The name of the first field in which two states of one run contradict each other, or nullptr.
const char* JoinRecording(Recording& into, const Recording& other) {
  if (!JoinKnown(into.source, other.source)) return "source";
  if (!JoinKnown(into.kernel, other.kernel)) return "kernel";
  if (!JoinKnown(into.target, other.target)) return "target";
  if (!JoinKnown(into.image, other.image)) return "image";
  if (!JoinKnown(into.engine, other.engine)) return "engine";
  if (!JoinKnown(into.runtime, other.runtime)) return "runtime";
  if (into.native != other.native) return "native";
  if (into.refusals_watched != other.refusals_watched) return "refusals_watched";
  if (into.started_ms != other.started_ms) return "started_ms";
  if (into.epoch_ms != other.epoch_ms) return "epoch_ms";
  into.ended_ms = std::max(into.ended_ms, other.ended_ms);
  into.epochs = std::max(into.epochs, other.epochs);
  into.exercised.insert(other.exercised.begin(), other.exercised.end());
  return nullptr;
}

void JoinCalls(Calls& into, const Calls& other) {
  for (const auto& [key, observation] : other) {
    const auto [mine, is_new] = into.try_emplace(key, observation);
    if (is_new) continue;
    for (const auto& [recording, epochs] : observation.epochs) mine->second.epochs[recording].Union(epochs);
    mine->second.arguments.Join(observation.arguments);
  }
}

}  // namespace

Result<Evidence> Merge(const Evidence& a, const Evidence& b) {
  Evidence merged = a;
  for (const auto& [id, recording] : b.recordings) {
    const auto [mine, is_new] = merged.recordings.try_emplace(id, recording);
    const char* field = is_new ? nullptr : JoinRecording(mine->second, recording);
    if (field != nullptr) {
      return Fail(
          ErrorCode::kBadInput,
          fmt::format(
              "recording '{}' stands in both with a different '{}': these are two recordings under one "
              "id, which cannot be merged",
              Printable(id), field));
    }
  }
  for (const auto& [subject, calls] : b.subjects) JoinCalls(merged.subjects[subject], calls);
  for (const auto& [subject, scripts] : b.scripts)
    merged.scripts[subject].insert(scripts.begin(), scripts.end());
  for (const auto& gap : b.gaps) AddGap(merged.gaps, gap);
  return merged;
}

}  // namespace whittle::evidence
