#include "evidence/incidence.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace whittle::evidence {
namespace {

// The union of many sets, most of them alike: thousands of executables make the same calls in the same
// epochs.
class Gathered {
 public:
  void Add(const EpochSet& epochs) {
    const auto ranges = epochs.ranges();
    ranges_.insert(ranges_.end(), ranges.begin(), ranges.end());
    if (ranges_.size() < compact_at_) return;
    const auto joined = Joined();
    ranges_.assign(joined.ranges().begin(), joined.ranges().end());
    compact_at_ = 2 * ranges_.size() + kCompactAt;
  }
  EpochSet Joined() const { return EpochSet::Of(ranges_); }

 private:
  static constexpr size_t kCompactAt = 64;
  std::vector<EpochSet::Range> ranges_;
  size_t compact_at_ = kCompactAt;
};

// One container in one recording.
struct Life {
  Gathered active;
  std::map<Call, Gathered> calls;
};

// Recordings in the order of their starts, and in each its containers by name.
struct RecordingOrder {
  const Evidence* evidence;
  bool operator()(const std::string& a, const std::string& b) const {
    const auto key = [&](const std::string& id) {
      const auto found = evidence->recordings.find(id);
      return std::pair(found == evidence->recordings.end() ? 0 : found->second.started_ms,
                       std::string_view(id));
    };
    return key(a) < key(b);
  }
};
using Lives = std::map<std::string, std::map<std::string, Life>, RecordingOrder>;

Lives LivesOf(const Evidence& evidence, const SubjectFilter& filter) {
  Lives lives(RecordingOrder{&evidence});
  for (const auto& [subject, calls] : evidence.subjects) {
    if (!filter(subject)) continue;
    for (const auto& [key, observation] : calls) {
      for (const auto& [recording, epochs] : observation.epochs) {
        Life& life = lives[recording][subject.container];
        life.active.Add(epochs);
        life.calls[{key.abi, key.number}].Add(epochs);
      }
    }
  }
  return lives;
}

bool Exercised(const Evidence& evidence, const std::string& recording, const char* phase) {
  const auto found = evidence.recordings.find(recording);
  return found != evidence.recordings.end() && found->second.exercised.contains(phase);
}

// The epochs of one recording that sample its load, and the calls seen in them.
struct Load {
  EpochSet active;
  std::map<Call, EpochSet> calls;
};

Load LoadOf(const Evidence& evidence, const std::string& recording,
            const std::map<std::string, Life>& containers) {
  Gathered active;
  std::map<Call, Gathered> calls;
  for (const auto& [container, life] : containers) {
    EpochSet load = life.active.Joined();
    std::vector<uint32_t> ends;
    if (Exercised(evidence, recording, "start")) ends.push_back(load.first());
    if (Exercised(evidence, recording, "shutdown")) ends.push_back(load.last());
    const auto without_ends = [&](EpochSet epochs) {
      for (const uint32_t end : ends) epochs.Remove(end);
      return epochs;
    };
    active.Add(without_ends(std::move(load)));
    for (const auto& [call, epochs] : life.calls) calls[call].Add(without_ends(epochs.Joined()));
  }
  Load joined{active.Joined(), {}};
  for (const auto& [call, epochs] : calls) joined.calls.emplace(call, epochs.Joined());
  return joined;
}

// Numbers the epochs of `active` from `base` on, and adds the numbers of `epochs`, a part of them.
void AddNumbered(const EpochSet& active, uint32_t base, const EpochSet& epochs, EpochSet& numbers) {
  auto range = active.ranges().begin();
  for (const auto& [first, last] : epochs.ranges()) {
    for (; range->second < first; ++range) base += range->second - range->first + 1;
    numbers.Add(base + (first - range->first), base + (last - range->first));
  }
}

Incidence ByEpochs(const Evidence& evidence, const Lives& lives) {
  Incidence incidence;
  for (const auto& [recording, containers] : lives) {
    const Load load = LoadOf(evidence, recording, containers);
    const uint64_t more = load.active.count();
    const bool fits = incidence.units + more <= UINT32_MAX;
    const auto base = static_cast<uint32_t>(incidence.units);
    for (const auto& [call, epochs] : load.calls) {
      EpochSet& numbers = incidence.seen[call];
      if (fits) AddNumbered(load.active, base, epochs, numbers);
    }
    if (fits) incidence.units += more;
    if (Exercised(evidence, recording, "start")) incidence.starts += containers.size();
  }
  return incidence;
}

// Whole lives or whole recordings.
Incidence ByLives(const Lives& lives, UnitKind kind, uint64_t starts) {
  Incidence incidence{kind, 0, {}, starts};
  for (const auto& [recording, containers] : lives) {
    auto unit = static_cast<uint32_t>(incidence.units);
    for (const auto& [container, life] : containers) {
      for (const auto& [call, epochs] : life.calls) incidence.seen[call].Add(unit);
      if (kind == UnitKind::kReplica) ++unit;
    }
    incidence.units += kind == UnitKind::kReplica ? containers.size() : 1;
  }
  return incidence;
}

}  // namespace

std::string_view UnitName(UnitKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"epoch", "replica", "run"};
  return kNames[static_cast<size_t>(kind)];
}

bool IsWorkload(const Subject& subject) { return subject.arrival == Arrival::kWorkload; }

std::array<Incidence, 3> IncidencesOf(const Evidence& evidence, const SubjectFilter& filter) {
  const Lives lives = LivesOf(evidence, filter);
  Incidence epochs = ByEpochs(evidence, lives);
  const uint64_t starts = epochs.starts;
  return {std::move(epochs), ByLives(lives, UnitKind::kReplica, starts),
          ByLives(lives, UnitKind::kRun, starts)};
}

Incidence IncidenceOf(const Evidence& evidence, const SubjectFilter& filter) {
  return ByEpochs(evidence, LivesOf(evidence, filter));
}

}  // namespace whittle::evidence
