// What was not exercised is not in the evidence, and no estimate knows it: it is asked for by name. Pure;
// thread safe.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/evidence.h"

namespace whittle::evidence {

// A phase of a workload's life that a recording may have exercised.
struct Phase {
  std::string_view name;  // as in Recording::exercised
  std::string_view what;  // for people: "how it reloads its configuration"
};
std::span<const Phase> KnownPhases();

// Those that a recording says it saw, and those that the evidence itself shows: `exec` where something came
// into a container from outside after its workload had begun.
std::set<std::string, std::less<>> PhasesExercised(const Evidence& evidence);

// A phase that is not known to have been exercised, and how this workload is brought through it: command
// lines with the container's name and the program's own signal where these are known. Printable.
struct PhaseToExercise {
  Phase phase;
  std::string how;
};
std::vector<PhaseToExercise> PhasesNotExercised(const Evidence& evidence);

}  // namespace whittle::evidence
