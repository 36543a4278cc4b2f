#include "container/host.h"

#include <algorithm>
#include <array>

namespace whittle::container {

std::string_view FindingName(Finding finding) {
  constexpr std::array<std::string_view, 3> kNames = {"ok", "missing", "unknown"};
  return kNames[static_cast<size_t>(finding)];
}

std::string_view AreaName(Area area) {
  constexpr std::array<std::string_view, 4> kNames = {"recording", "refusals", "filters", "containers"};
  return kNames[static_cast<size_t>(area)];
}

std::vector<HostFact> ProbeHost(const Engines& engines) {
  std::vector<HostFact> facts;
  const auto add = [&](std::vector<HostFact> more) {
    facts.insert(facts.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  add(ProbePrivileges());
  add(ProbeBpf());
  add({ProbeRecorder()});
  add({ProbeLeftMaps()});
  add(ProbeSystem());
  add(ProbeSeccomp());
  add({ProbeAudit()});
  add(ProbeEngines(engines));
  std::ranges::stable_sort(facts, {}, &HostFact::area);
  return facts;
}

bool CanRecord(const std::vector<HostFact>& facts) {
  return std::ranges::none_of(facts, [](const HostFact& fact) {
    return fact.weight == Weight::kNeeded && fact.finding == Finding::kMissing;
  });
}

}  // namespace whittle::container
