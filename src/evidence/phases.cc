#include "evidence/phases.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

namespace whittle::evidence {
namespace {

struct PhaseRow {
  std::string_view executable, phase, kind, value;
};
constexpr PhaseRow kPhaseRows[] = {
#include "phases.inc"
};

// First and last epochs of a container in a recording.
struct Times {
  EpochSet workload;
  std::vector<EpochSet> arrived;  // by executable
};
using TimesOf = std::map<std::pair<std::string, std::string>, Times>;  // recording, container

TimesOf CollectTimes(const Evidence& evidence) {
  TimesOf times;
  for (const auto& [subject, calls] : evidence.subjects) {
    std::map<std::string, EpochSet> seen;
    for (const auto& [key, observation] : calls) {
      for (const auto& [recording, epochs] : observation.epochs) {
        seen[recording].Add(epochs.first());
        seen[recording].Add(epochs.last());
      }
    }
    for (auto& [recording, epochs] : seen) {
      Times& of = times[{recording, subject.container}];
      if (subject.arrival == Arrival::kWorkload) {
        of.workload.Union(epochs);
      } else {
        of.arrived.push_back(std::move(epochs));
      }
    }
  }
  return times;
}

// The runtime itself arrives before the workload begins, so only what came more than an epoch later tells.
// Where recording began in the middle, what was there at once may only be a task whose way in nobody saw.
bool EnteredLater(const Evidence& evidence) {
  for (const auto& [where, times] : CollectTimes(evidence)) {
    const auto recording = evidence.recordings.find(where.first);
    if (times.workload.empty() || recording == evidence.recordings.end()) continue;
    const bool from_start = recording->second.exercised.contains("start");
    const uint64_t begun = uint64_t{times.workload.first()} + 1;
    for (const auto& epochs : times.arrived) {
      if ((from_start ? epochs.last() : epochs.first()) > begun) return true;
    }
  }
  return false;
}

// How the workload is reached from a shell.
struct Reach {
  std::string engine;  // "docker"; empty for plain processes
  std::string container;
};

// What engines take as a container's name; anything else would not be safe in a command line.
bool IsContainerName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !name.empty() && name.size() <= 128 && name[0] != '-' && std::ranges::all_of(name, allowed);
}

Reach ReachOf(const Evidence& evidence) {
  constexpr std::string_view kContainer = "container ";
  for (const auto& [id, recording] : evidence.recordings) {
    const size_t at = recording.target.find(kContainer);
    if (recording.image.empty() && recording.engine.empty()) continue;
    const bool podman = recording.engine.starts_with("podman");
    const std::string name = at == std::string::npos ? "" : recording.target.substr(at + kContainer.size());
    return {podman ? "podman" : "docker", IsContainerName(name) ? name : "CONTAINER"};
  }
  return {};
}

std::string Signal(const Reach& reach, std::string_view signal) {
  if (reach.engine.empty()) return fmt::format("kill -{} PID", signal);
  return fmt::format("{} kill --signal {} {}", reach.engine, signal, reach.container);
}

std::string Inside(const Reach& reach, std::string_view command) {
  if (reach.engine.empty()) return std::string(command);
  return fmt::format("{} exec {} {}", reach.engine, reach.container, command);
}

const PhaseRow* KnownProgram(const Evidence& evidence, std::string_view phase) {
  for (const auto& [subject, calls] : evidence.subjects) {
    if (subject.arrival != Arrival::kWorkload) continue;
    const std::string_view path = subject.executable;
    const std::string_view name = path.substr(path.rfind('/') + 1);
    for (const auto& row : kPhaseRows) {
      if (row.executable == name && row.phase == phase) return &row;
    }
  }
  return nullptr;
}

std::string HowOfProgram(const PhaseRow& row, const Reach& reach) {
  if (row.kind == "signal") return fmt::format("{} ({})", Signal(reach, row.value), row.executable);
  if (row.kind == "command") return Inside(reach, row.value);
  return fmt::format("{}: {}", row.executable, row.value);
}

std::string HowOfContainer(std::string_view phase, const Reach& reach) {
  const auto& [engine, name] = reach;
  if (phase == "start") return fmt::format("whittle record --container {} --wait, then start it", name);
  if (phase == "restart") return fmt::format("{} restart {}, with record --follow-restarts", engine, name);
  if (phase == "exec") return fmt::format("{} exec {} COMMAND, as a health check does", engine, name);
  if (phase == "shutdown") return fmt::format("{} stop {}, while it is recorded", engine, name);
  return fmt::format("{} top {}, then kill -SEGV the PID of one of its workers", engine, name);
}

std::string HowOfProcess(std::string_view phase) {
  if (phase == "start") return "whittle record -- COMMAND";
  if (phase == "restart") return "record another run, on the data that the first one left";
  if (phase == "exec") return "run what enters it from outside, as a health check does";
  if (phase == "shutdown") return "kill -TERM PID, while it is recorded";
  return "kill -SEGV the PID of one of its workers";
}

std::string HowTo(std::string_view phase, const Evidence& evidence, const Reach& reach) {
  if (const auto* row = KnownProgram(evidence, phase)) return HowOfProgram(*row, reach);
  if (phase == "reload")
    return Signal(reach, "HUP") + ", if it handles SIGHUP (else that ends it); or its own command";
  if (phase == "log-rotation") return "its own signal or command, as its logrotate file has it";
  if (phase == "large-data") return "send it, and ask it for, more at once than it holds in memory";
  return reach.engine.empty() ? HowOfProcess(phase) : HowOfContainer(phase, reach);
}

}  // namespace

std::span<const Phase> KnownPhases() {
  static constexpr std::array<Phase, 8> kPhases = {{
      {"start", "how it starts"},
      {"restart", "how it starts again, on what an earlier run left"},
      {"reload", "how it reloads its configuration"},
      {"log-rotation", "how it reopens its log files"},
      {"exec", "what enters it later: health checks, docker exec"},
      {"large-data", "how it takes and gives bodies that do not fit into its buffers"},
      {"shutdown", "how it ends, other than by SIGKILL"},
      {"crash", "what it does when one of its processes crashes"},
  }};
  return kPhases;
}

std::set<std::string, std::less<>> PhasesExercised(const Evidence& evidence) {
  std::set<std::string, std::less<>> phases;
  for (const auto& [id, recording] : evidence.recordings) {
    phases.insert(recording.exercised.begin(), recording.exercised.end());
  }
  if (EnteredLater(evidence)) phases.insert("exec");
  return phases;
}

std::vector<PhaseToExercise> PhasesNotExercised(const Evidence& evidence) {
  const auto exercised = PhasesExercised(evidence);
  const Reach reach = ReachOf(evidence);
  std::vector<PhaseToExercise> missing;
  for (const auto& phase : KnownPhases()) {
    if (!exercised.contains(phase.name)) missing.push_back({phase, HowTo(phase.name, evidence, reach)});
  }
  return missing;
}

}  // namespace whittle::evidence
