// Sources: I. J. Good, The population frequencies of species (1953); A. Chao, Estimating the population size
// for capture-recapture data with unequal catchability (1987), with its variance and log-normal interval; for
// no species seen once: Chao and Shen's program SPADE. Why the intervals are as they are:
// docs/completeness.md.
#include "evidence/completeness.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>

#include "syscalls/table.h"

namespace whittle::evidence {
namespace {

constexpr double kZ = 1.96;  // of a 95 % interval

// With k events seen and a rate near zero, the normal interval would claim certainty: "rule of three".
constexpr double kRuleOfThree = 3.0;

Estimate Coverage(double units, double once, double twice) {
  const double missing = once / units;
  const double spread = kZ * std::sqrt(once + 2 * twice) / units;
  const double high_missing = std::max(missing + spread, (once + kRuleOfThree) / units);
  const auto clip = [](double value) { return std::clamp(value, 0.0, 1.0); };
  return {clip(1 - missing), clip(1 - high_missing), clip(1 - (missing - spread))};
}

struct Chao2 {
  double unseen;
  double variance;
};

// The bias-corrected form: the plain one jumps where few calls were seen twice.
Chao2 EstimateUnseen(double units, double once, double twice) {
  const double a = (units - 1) / units;
  const double pairs = twice + 1;
  const double variance = a * once * (once - 1) / (2 * pairs) +
                          a * a * once * std::pow(2 * once - 1, 2) / (4 * pairs * pairs) +
                          a * a * once * once * twice * std::pow(once - 1, 2) / (4 * std::pow(pairs, 4));
  return {a * once * (once - 1) / (2 * pairs), variance};
}

// Where the estimate is zero the log-normal interval does not exist; the chance that a call was never met is
// then taken from the mean number of meetings.
Estimate NothingUnseen(double calls, double sightings) {
  const double missed = std::exp(-sightings / calls);
  const double expected = calls * missed / (1 - missed);
  const double spread = kZ * std::sqrt(calls * missed) / (1 - missed);
  return {0, 0, expected + spread};
}

Estimate Unseen(double units, double calls, double once, double twice, double sightings) {
  const Chao2 chao = EstimateUnseen(units, once, twice);
  if (chao.unseen <= 0) return NothingUnseen(calls, sightings);
  const double factor = std::exp(kZ * std::sqrt(std::log(1 + chao.variance / (chao.unseen * chao.unseen))));
  return {chao.unseen, chao.unseen / factor, chao.unseen * factor};
}

using Sightings = std::map<std::string, EpochSet>;

bool Exercised(const Evidence& evidence, const std::string& recording, const char* phase) {
  const auto found = evidence.recordings.find(recording);
  return found != evidence.recordings.end() && found->second.exercised.contains(phase);
}

// The epochs in which each recording saw its subjects start and end.
Sightings EndsOf(const Evidence& evidence, const Sightings& active) {
  Sightings ends;
  for (const auto& [recording, epochs] : active) {
    if (Exercised(evidence, recording, "start")) ends[recording].Add(epochs.first());
    if (Exercised(evidence, recording, "shutdown")) ends[recording].Add(epochs.last());
  }
  return ends;
}

uint64_t CountWithout(const Sightings& sightings, const Sightings& without) {
  uint64_t total = 0;
  for (const auto& [recording, epochs] : sightings) {
    total += epochs.count();
    const auto left_out = without.find(recording);
    if (left_out == without.end()) continue;
    const uint32_t first = left_out->second.first();
    const uint32_t last = left_out->second.last();
    for (const uint32_t epoch : first == last ? std::set{first} : std::set{first, last}) {
      if (left_out->second.Contains(epoch) && epochs.Contains(epoch)) --total;
    }
  }
  return total;
}

}  // namespace

Incidence IncidenceOf(const Evidence& evidence, const SubjectFilter& filter) {
  std::map<std::pair<Abi, uint32_t>, Sightings> by_call;
  Sightings active;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (!filter(subject)) continue;
    for (const auto& [key, observation] : calls) {
      for (const auto& [recording, epochs] : observation.epochs) {
        by_call[{key.abi, key.number}][recording].Union(epochs);
        active[recording].Union(epochs);
      }
    }
  }
  const Sightings ends = EndsOf(evidence, active);
  Incidence incidence;
  incidence.units = CountWithout(active, ends);
  for (const auto& [call, sightings] : by_call) incidence.seen[call] = CountWithout(sightings, ends);
  for (const auto& [recording, epochs] : active)
    incidence.starts += Exercised(evidence, recording, "start") ? 1 : 0;
  return incidence;
}

Incidence IncidenceOfWorkload(const Evidence& evidence) {
  return IncidenceOf(evidence, [](const Subject& subject) { return subject.arrival == Arrival::kWorkload; });
}

Incidence IncidenceOfContainer(const Evidence& evidence, std::string_view container) {
  return IncidenceOf(evidence, [&](const Subject& subject) {
    return subject.arrival == Arrival::kWorkload && subject.container == container;
  });
}

Incidence IncidenceOfSubject(const Evidence& evidence, const Subject& subject) {
  return IncidenceOf(evidence, [&](const Subject& other) { return other == subject; });
}

namespace {

// There are only so many calls: with many seen once and none twice the estimate would exceed them.
void CapByTables(Estimate& unseen, const Incidence& incidence) {
  std::set<Abi> abis;
  for (const auto& [call, units] : incidence.seen) abis.insert(call.first);
  double known = 0;
  for (const auto name : AllSyscallNames()) {
    for (const Abi abi : abis) known += SyscallNumber(abi, name) ? 1 : 0;
  }
  const double most = std::max(known - static_cast<double>(incidence.seen.size()), 0.0);
  for (double* value : {&unseen.value, &unseen.low, &unseen.high}) *value = std::min(*value, most);
}

}  // namespace

std::optional<Completeness> EstimateCompleteness(const Incidence& incidence) {
  if (incidence.units < 2 || incidence.seen.empty()) return std::nullopt;
  Completeness result;
  result.units = incidence.units;
  result.starts = incidence.starts;
  uint64_t sightings = 0;
  for (const auto& [call, units] : incidence.seen) {
    (units == 0 ? result.ends_only : result.calls) += 1;
    result.once += units == 1 ? 1 : 0;
    result.twice += units == 2 ? 1 : 0;
    sightings += units;
  }
  const auto units = static_cast<double>(result.units);
  const auto once = static_cast<double>(result.once);
  const auto twice = static_cast<double>(result.twice);
  result.coverage = Coverage(units, once, twice);
  result.unseen =
      Unseen(units, static_cast<double>(result.calls), once, twice, static_cast<double>(sightings));
  CapByTables(result.unseen, incidence);
  result.few_units = result.units < kFewEpochs;
  return result;
}

std::span<const Phase> KnownPhases() {
  static constexpr std::array<Phase, 6> kPhases = {{
      {"start", "how it starts"},
      {"reload", "how it reloads its configuration"},
      {"log-rotation", "how it reopens its log files"},
      {"exec", "what enters it later: health checks, docker exec"},
      {"shutdown", "how it ends when it is asked to"},
      {"crash", "what it does when one of its processes crashes"},
  }};
  return kPhases;
}

std::vector<Phase> PhasesNotExercised(const Evidence& evidence) {
  std::vector<Phase> missing;
  for (const auto& phase : KnownPhases()) {
    const bool seen = std::ranges::any_of(evidence.recordings, [&](const auto& recording) {
      return recording.second.exercised.contains(std::string(phase.name));
    });
    if (!seen) missing.push_back(phase);
  }
  return missing;
}

}  // namespace whittle::evidence
