// Names have no architecture: what one machine was seen to need is open on all that the profile lists. Where
// the evidence is of several machines, what that opens on each is told.
#include <fmt/core.h>

#include <algorithm>

#include "optimize/passes/pass.h"
#include "syscalls/table.h"

namespace whittle::optimize {

Abi MachineOf(Abi abi) {
  for (const Abi native : AllAbis()) {
    const auto family = SiblingAbis(native);
    if (std::ranges::find(family, abi) != family.end()) return family.front();
  }
  return abi;
}

std::set<Abi> MachinesOf(const evidence::Evidence& evidence) {
  std::set<Abi> machines;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (subject.arrival != evidence::Arrival::kWorkload) continue;
    for (const auto& [key, observation] : calls) machines.insert(MachineOf(key.abi));
  }
  return machines;
}

namespace {

std::string NamesOf(const std::set<Abi>& machines) {
  std::string names;
  for (const Abi machine : machines) names += (names.empty() ? "" : ", ") + std::string(AbiName(machine));
  return names;
}

// Calls of some machine, and none of this one.
bool LacksMachine(const std::set<Abi>& machines, Abi native) {
  return !machines.empty() && !machines.contains(MachineOf(native));
}

}  // namespace

std::string OtherMachineText(const evidence::Evidence& evidence, Abi native) {
  const auto machines = MachinesOf(evidence);
  if (!LacksMachine(machines, native)) return "";
  return fmt::format(
      "the evidence is of {}, without a call of {}: what the workload calls there is not known",
      NamesOf(machines), AbiName(native));
}

Result<evidence::Evidence> OfMachine(evidence::Evidence evidence, Abi native) {
  const auto machines = MachinesOf(evidence);
  if (LacksMachine(machines, native)) {
    return Fail(ErrorCode::kBadInput, fmt::format("the evidence holds no calls of {}; it has those of {}",
                                                  AbiName(native), NamesOf(machines)));
  }
  for (auto& [subject, calls] : evidence.subjects)
    std::erase_if(calls, [&](const auto& seen) { return MachineOf(seen.first.abi) != MachineOf(native); });
  return evidence;
}

Result<void> ListOpenedElsewhere(Plan& plan) {
  std::map<Abi, std::set<std::string_view>> seen;  // by machine
  for (const auto& [subject, calls] : plan.evidence.subjects) {
    if (subject.arrival != evidence::Arrival::kWorkload) continue;
    for (const auto& [key, observation] : calls) {
      if (const auto name = SyscallName(key.abi, key.number)) seen[MachineOf(key.abi)].insert(*name);
    }
  }
  for (const auto& [machine, names] : seen) {
    for (const auto& [call, grant] : plan.result.grants) {
      const bool elsewhere = grant.origin == Origin::kWorkload && !names.contains(call);
      if (elsewhere && SyscallNumber(machine, call)) plan.result.opened_elsewhere[machine].insert(call);
    }
  }
  return {};
}

}  // namespace whittle::optimize
