// What this host can do for Whittle: each line a thing that was tried, never one that was guessed from a
// version. Loads and detaches tiny BPF programs, makes a child that logs one call; changes nothing. Thread
// safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "container/engines.h"

namespace whittle::container {

enum class Finding { kOk, kMissing, kUnknown };

std::string_view FindingName(Finding finding);  // "ok", "missing", "unknown"

// Which part of Whittle needs it.
enum class Area { kRecording, kRefusals, kFilters, kContainers };

// How much hangs on it.
enum class Weight {
  kNeeded,  // without it there is no recording
  kHelps,   // without it something is slower or not available
};

struct HostFact {
  Area area = Area::kRecording;
  Weight weight = Weight::kHelps;
  std::string name;  // "kernel types (BTF)"
  Finding finding = Finding::kUnknown;
  std::string found;    // what the probe saw: "/sys/kernel/btf/vmlinux, 5.1 MB"
  std::string follows;  // what that means for the user
  std::string mend;     // what to do about it; empty if nothing has to be done
};

std::string_view AreaName(Area area);  // "recording", "refusals", "filters", "containers"

// All of them, in the order in which people read them.
std::vector<HostFact> ProbeHost(const Engines& engines);

// True if nothing needed for recording is missing.
bool CanRecord(const std::vector<HostFact>& facts);

// The parts of ProbeHost, one file each.
std::vector<HostFact> ProbePrivileges();
std::vector<HostFact> ProbeBpf();
HostFact ProbeRecorder();
HostFact ProbeLeftMaps();
std::vector<HostFact> ProbeSeccomp();
HostFact ProbeAudit();
std::vector<HostFact> ProbeSystem();
std::vector<HostFact> ProbeEngines(const Engines& engines);

}  // namespace whittle::container
