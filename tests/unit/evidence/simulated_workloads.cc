#include "evidence/simulated_workloads.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace whittle::evidence {
namespace {

using Random = std::mt19937_64;

double Uniform(Random& random) { return std::uniform_real_distribution<double>(0, 1)(random); }

uint32_t Further(uint32_t epochs) { return std::max(1u, epochs / kFurther); }

// Calls that no epoch showed are no part of an incidence, but of the truth.
void AddCall(EpochSet seen, Simulated& simulated) {
  auto& calls = simulated.incidence.seen;
  const auto number = static_cast<uint32_t>(calls.size() + simulated.unseen);
  if (seen.empty()) {
    ++simulated.unseen;
  } else {
    calls.emplace(Call{Abi::kX86_64, number}, std::move(seen));
  }
}

// --- Each call in each epoch by chance.

using Chances = std::vector<double>;

Simulated Independent(const Chances& chances, uint32_t epochs, Random& random) {
  Simulated simulated;
  simulated.incidence.units = epochs;
  for (const double chance : chances) {
    EpochSet seen;
    std::geometric_distribution<uint64_t> skip(chance);
    for (uint64_t epoch = skip(random); epoch < epochs; epoch += 1 + skip(random)) {
      seen.Add(static_cast<uint32_t>(epoch));
    }
    if (seen.empty()) simulated.nothing_new *= 1 - chance;
    AddCall(std::move(seen), simulated);
  }
  return simulated;
}

// Steady calls, and those of `rare`.
Chances WithSteady(const Chances& rare) {
  Chances chances(5, 0.95);
  chances.insert(chances.end(), rare.begin(), rare.end());
  return chances;
}

Chances Zipf(size_t calls, double exponent, double scale) {
  Chances chances;
  for (size_t rank = 1; rank <= calls; ++rank) {
    chances.push_back(std::min(0.95, scale * std::pow(static_cast<double>(rank), -exponent)));
  }
  return chances;
}

Chances LogNormal(size_t calls, double spread) {
  Random random(7);
  std::normal_distribution<double> normal(-4, spread);
  Chances chances;
  for (size_t i = 0; i < calls; ++i) chances.push_back(std::min(0.95, std::exp(normal(random))));
  return chances;
}

// --- Groups of calls that come together, for a while.

struct Group {
  double begins = 0;  // the chance in an epoch in which it is not on
  double length = 1;  // mean number of epochs that it is on
  double shown = 1;   // the chance of each of its calls in such an epoch
  uint32_t calls = 1;

  bool lasts() const { return length > 1; }
  double stays() const { return lasts() ? 1 - 1 / length : begins; }
};

// The chance that a group shows nothing new in `further` epochs, if it is on in the first with chance `on`.
double Quiet(const Group& group, double on, double quiet_if_on, uint32_t further) {
  double after_on = 1, after_off = 1;
  for (uint32_t i = 1; i < further; ++i) {
    const double next = group.stays() * quiet_if_on * after_on + (1 - group.stays()) * after_off;
    after_off = group.begins * quiet_if_on * after_on + (1 - group.begins) * after_off;
    after_on = next;
  }
  return on * quiet_if_on * after_on + (1 - on) * after_off;
}

double RunGroup(const Group& group, uint32_t epochs, Random& random, Simulated& simulated) {
  std::vector<EpochSet> calls(group.calls);
  double on = group.lasts() ? group.begins * group.length / (group.begins * group.length + 1) : group.begins;
  for (uint32_t epoch = 0; epoch < epochs; ++epoch) {
    const bool is_on = Uniform(random) < on;
    for (auto& call : calls) {
      if (is_on && Uniform(random) < group.shown) call.Add(epoch);
    }
    on = is_on ? group.stays() : group.begins;
  }
  const auto missed = static_cast<double>(std::ranges::count_if(calls, &EpochSet::empty));
  for (auto& call : calls) AddCall(std::move(call), simulated);
  return Quiet(group, on, std::pow(1 - group.shown, missed), Further(epochs));
}

Simulated Grouped(const std::vector<Group>& groups, uint32_t epochs, Random& random) {
  Simulated simulated = Independent(WithSteady({}), epochs, random);
  double quiet = 1;
  for (const auto& group : groups) quiet *= RunGroup(group, epochs, random, simulated);
  simulated.nothing_new *= std::pow(quiet, 1.0 / Further(epochs));
  return simulated;
}

// Ever rarer groups.
std::vector<Group> EverRarer(size_t count, Group group, double factor) {
  std::vector<Group> groups;
  for (size_t i = 0; i < count; ++i) {
    groups.push_back(group);
    group.begins *= factor;
  }
  return groups;
}

// --- Phases: one of many kinds is on at a time, each with calls of its own.

struct Phases {
  Chances popularity;  // of the kinds; need not sum to 1
  double length = 1;   // mean epochs
  double shown = 1;
  uint32_t calls = 1;
};

// The chance that nothing new is shown in `further` epochs after one of kind `now`.
double QuietPhases(const Phases& phases, size_t now, const Chances& quiet, uint32_t further) {
  const double total = std::accumulate(phases.popularity.begin(), phases.popularity.end(), 0.0);
  Chances after(quiet.size(), 1.0);
  for (uint32_t i = 0; i < further; ++i) {
    double changed = 0;
    for (size_t kind = 0; kind < quiet.size(); ++kind) {
      changed += phases.popularity[kind] / total * quiet[kind] * after[kind];
    }
    for (size_t kind = 0; kind < quiet.size(); ++kind) {
      after[kind] = (1 - 1 / phases.length) * quiet[kind] * after[kind] + changed / phases.length;
    }
  }
  return after[now];
}

Simulated Phased(const Phases& phases, uint32_t epochs, Random& random) {
  Simulated simulated = Independent(WithSteady({}), epochs, random);
  std::discrete_distribution<size_t> choose(phases.popularity.begin(), phases.popularity.end());
  std::vector<std::vector<EpochSet>> calls(phases.popularity.size(), std::vector<EpochSet>(phases.calls));
  size_t now = choose(random);
  for (uint32_t epoch = 0; epoch < epochs; ++epoch) {
    if (epoch > 0 && Uniform(random) < 1 / phases.length) now = choose(random);
    for (auto& call : calls[now]) {
      if (Uniform(random) < phases.shown) call.Add(epoch);
    }
  }
  Chances quiet;
  for (auto& kind : calls) {
    const auto missed = static_cast<double>(std::ranges::count_if(kind, &EpochSet::empty));
    quiet.push_back(std::pow(1 - phases.shown, missed));
    for (auto& call : kind) AddCall(std::move(call), simulated);
  }
  const double all = QuietPhases(phases, now, quiet, Further(epochs));
  simulated.nothing_new *= std::pow(all, 1.0 / Further(epochs));
  return simulated;
}

// --- The table.

SimulatedWorkload Of(std::string name, Chances chances) {
  return {std::move(name), [chances = std::move(chances)](uint32_t epochs, Random& random) {
            return Independent(chances, epochs, random);
          }};
}

SimulatedWorkload Of(std::string name, std::vector<Group> groups) {
  return {std::move(name), [groups = std::move(groups)](uint32_t epochs, Random& random) {
            return Grouped(groups, epochs, random);
          }};
}

SimulatedWorkload Of(std::string name, Phases phases) {
  return {std::move(name), [phases = std::move(phases)](uint32_t epochs, Random& random) {
            return Phased(phases, epochs, random);
          }};
}

Chances Geometric() {
  Chances chances;
  for (int i = 0; i < 50; ++i) chances.push_back(0.5 * std::pow(0.88, i));
  return chances;
}

}  // namespace

std::span<const SimulatedWorkload> SimulatedWorkloads() {
  static const std::vector<SimulatedWorkload> kWorkloads = {
      Of("60 equally rare, 0.1", WithSteady(Chances(60, 0.1))),
      Of("50 equally rare, 0.02", WithSteady(Chances(50, 0.02))),
      Of("10 equally rare, 0.01", WithSteady(Chances(10, 0.01))),
      Of("5 equally rare, 0.002", WithSteady(Chances(5, 0.002))),
      Of("geometric tail", WithSteady(Geometric())),
      Of("Zipf, exponent 1", Zipf(400, 1, 1)),
      Of("Zipf, exponent 2", Zipf(400, 2, 30)),
      Of("lognormal, sigma 1", LogNormal(100, 1)),
      Of("lognormal, sigma 2", LogNormal(300, 2)),
      Of("groups of 8 together", EverRarer(30, {0.3, 1, 1, 8}, 0.85)),
      Of("groups of 8, 60 % of them", EverRarer(30, {0.3, 1, 0.6, 8}, 0.85)),
      Of("5 rare groups of 20", std::vector<Group>(5, {0.01, 1, 0.9, 20})),
      Of("bursts of 3 epochs", EverRarer(40, {0.05, 3, 0.8, 4}, 0.87)),
      Of("bursts of 10 epochs", EverRarer(40, {0.02, 10, 0.5, 4}, 0.87)),
      Of("bursts of 10, thin", EverRarer(40, {0.02, 10, 0.1, 6}, 0.87)),
      Of("bursts of 30 epochs", std::vector<Group>(20, {0.002, 30, 0.9, 4})),
      Of("phases of 10, Zipf", Phases{Zipf(40, 1, 1), 10, 0.8, 5}),
      Of("phases of 30, Zipf", Phases{Zipf(40, 1, 1), 30, 0.8, 5}),
      Of("12 phases of 60", Phases{Chances(12, 1), 60, 0.8, 5}),
      Of("300 phases of 100", Phases{Chances(300, 1), 100, 0.8, 5}),
      Of("10 phases of 20, thin", Phases{Chances(10, 1), 20, 0.05, 20}),
  };
  return kWorkloads;
}

}  // namespace whittle::evidence
