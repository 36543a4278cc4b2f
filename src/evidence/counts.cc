#include "evidence/counts.h"

#include <fmt/core.h>

#include "base/text.h"
#include "syscalls/table.h"

namespace whittle::evidence {
namespace {

std::string NameOf(const std::string& recording, const std::string& container, UnitKind per) {
  return per == UnitKind::kRun ? recording : recording + " " + container;
}

// A recording, or a container of the file, in which nothing of a workload was seen.
void AddEmpty(const Evidence& evidence, const std::set<std::string>& seen_recordings,
              const std::set<std::string>& seen_containers, CallCounts& counts) {
  for (const auto& [id, recording] : evidence.recordings) {
    if (!seen_recordings.contains(id)) counts.of.insert(id);
  }
  if (counts.per == UnitKind::kRun) return;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (IsWorkload(subject) && !seen_containers.contains(subject.container))
      counts.of.insert(subject.container);
  }
}

}  // namespace

CallCounts CountCalls(const Evidence& evidence, UnitKind per) {
  CallCounts counts;
  counts.per = per;
  std::set<std::string> recordings, containers;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (!IsWorkload(subject)) continue;
    for (const auto& [key, observation] : calls) {
      for (const auto& [recording, epochs] : observation.epochs) {
        const std::string name = NameOf(recording, subject.container, per);
        counts.of.insert(name);
        counts.in[{key.abi, key.number}].insert(name);
        recordings.insert(recording);
        containers.insert(subject.container);
      }
    }
  }
  AddEmpty(evidence, recordings, containers, counts);
  return counts;
}

UnitKind UsualCount(const Evidence& evidence) {
  if (evidence.recordings.size() != 1) return UnitKind::kRun;
  return CountCalls(evidence, UnitKind::kReplica).of.size() > 1 ? UnitKind::kReplica : UnitKind::kRun;
}

std::string CountLines(const CallCounts& counts) {
  std::set<std::string> lines;
  for (const auto& [call, in] : counts.in) {
    lines.insert(fmt::format("{}\t{}\t{}/{}\n", AbiName(call.first), SyscallText(call.first, call.second),
                             in.size(), counts.of.size()));
  }
  std::string text;
  for (const auto& line : lines) text += line;
  return text;
}

json::Value CountsJson(const CallCounts& counts) {
  const auto names = [](const std::set<std::string>& of) {
    json::Value list = json::Array();
    for (const auto& name : of) list.items.emplace_back(Printable(name));
    return list;
  };
  json::Value calls = json::Array();
  for (const auto& [call, in] : counts.in) {
    calls.items.push_back(json::Object({{"abi", AbiName(call.first)},
                                        {"call", SyscallText(call.first, call.second)},
                                        {"seen", in.size()},
                                        {"in", names(in)}}));
  }
  return json::Object({{"per", UnitName(counts.per)},
                       {"of", counts.of.size()},
                       {"names", names(counts.of)},
                       {"calls", calls}});
}

}  // namespace whittle::evidence
