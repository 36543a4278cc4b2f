// Which calls were seen in which sampling units: what the estimates of completeness rest on. Pure; thread
// safe.
//
// Three kinds of unit, since evidence may hold several:
// - an epoch of a recording in which the group made any call at all. The first and last epoch of a life are
//   left out where the recording saw its start or its end: what happens once in a life is no sample of the
//   load;
// - a replica: one container as one recording saw it, its start and its end included;
// - a run: a recording, from a start (or from when recording began) to an end, these included.
// What became of a call does not matter: a refused call was needed, too.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "evidence/evidence.h"

namespace whittle::evidence {

enum class UnitKind : uint8_t { kEpoch, kReplica, kRun };
inline constexpr std::array kUnitKinds = {UnitKind::kEpoch, UnitKind::kReplica, UnitKind::kRun};
std::string_view UnitName(UnitKind kind);  // "epoch", "replica", "run"

using Call = std::pair<Abi, uint32_t>;

// Units are numbered from 0, recordings in the order of their starts. Of more than 2^32 - 1 epochs (which no
// recorder makes) the first are taken.
struct Incidence {
  UnitKind kind = UnitKind::kEpoch;
  uint64_t units = 0;
  std::map<Call, EpochSet> seen;  // numbers of units; empty: only at a start or an end
  uint64_t starts = 0;            // lives of which a start was seen
};

using SubjectFilter = std::function<bool(const Subject&)>;
bool IsWorkload(const Subject& subject);

// One for each kind, in the order of kUnitKinds. Time: one pass over the evidence.
std::array<Incidence, 3> IncidencesOf(const Evidence& evidence, const SubjectFilter& filter = IsWorkload);
// By epochs.
Incidence IncidenceOf(const Evidence& evidence, const SubjectFilter& filter = IsWorkload);

}  // namespace whittle::evidence
