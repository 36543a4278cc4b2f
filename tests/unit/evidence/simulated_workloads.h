// Workloads whose truth is known: to see whether an interval holds it. Deterministic for a seed.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <string>

#include "evidence/incidence.h"

namespace whittle::evidence {

// What was seen of a simulated workload, and the truth about what comes.
struct Simulated {
  Incidence incidence;
  double nothing_new = 1;  // the chance that a further epoch shows nothing new, on average over the
                           // `kFurther`-th part of the recording (at least one epoch) that follows it
  uint64_t unseen = 0;     // calls that it can make and did not
};
inline constexpr uint32_t kFurther = 5;

struct SimulatedWorkload {
  std::string name;
  std::function<Simulated(uint32_t epochs, std::mt19937_64& random)> run;
};
std::span<const SimulatedWorkload> SimulatedWorkloads();

}  // namespace whittle::evidence
