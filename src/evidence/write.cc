#include <fmt/format.h>

#include "evidence/completeness_json.h"
#include "evidence/evidence.h"
#include "evidence/text_value.h"
#include "syscalls/table.h"

namespace whittle::evidence {
namespace {

using json::Value;

Value WriteRecording(const Recording& recording) {
  Value phases = json::Array();
  for (const auto& phase : recording.exercised) phases.items.push_back(TextValue(phase));
  return json::Object({{"source", TextValue(recording.source)},
                       {"kernel", TextValue(recording.kernel)},
                       {"native", AbiName(recording.native)},
                       {"target", TextValue(recording.target)},
                       {"image", TextValue(recording.image)},
                       {"engine", TextValue(recording.engine)},
                       {"runtime", TextValue(recording.runtime)},
                       {"refusals_watched", recording.refusals_watched},
                       {"exercised", phases},
                       {"started_ms", recording.started_ms},
                       {"ended_ms", recording.ended_ms},
                       {"epoch_ms", recording.epoch_ms},
                       {"epochs", recording.epochs}});
}

// {"indices": "0,1", "values": ["0x2,0x80001", "0xa,0x1"]}
Value WriteArguments(const Arguments& arguments) {
  Value values = json::Array();
  for (const auto& one : arguments.values())
    values.items.emplace_back(fmt::format("{:#x}", fmt::join(one, ",")));
  return json::Object(
      {{"indices", fmt::format("{}", fmt::join(arguments.indices(), ","))}, {"values", values}});
}

Value WriteObservation(const CallKey& key, const Observation& observation) {
  Value epochs = json::Object();
  for (const auto& [recording, set] : observation.epochs) epochs.Set(recording, set.Text());
  Value value = json::Object({{"call", SyscallText(key.abi, key.number)},
                              {"fate", FateName(key.fate)},
                              {"under_filter", key.under_filter}});
  if (key.clone_flags != CloneFlags::kUnknown) value.Set("clone_flags", CloneFlagsName(key.clone_flags));
  if (observation.arguments.known()) value.Set("arguments", WriteArguments(observation.arguments));
  value.Set("epochs", epochs);
  return value;
}

// The map's order (ABI, number, fate, filter, flags) is the order of the file.
Value WriteCalls(const Calls& calls) {
  Value by_abi = json::Object();
  for (const auto& [key, observation] : calls) {
    const std::string_view abi = AbiName(key.abi);
    if (by_abi.members.empty() || by_abi.members.back().name != abi)
      by_abi.Set(std::string(abi), json::Array());
    by_abi.members.back().value.items.push_back(WriteObservation(key, observation));
  }
  return by_abi;
}

Value WriteScripts(const Scripts& scripts) {
  Value names = json::Array();
  for (const auto& script : scripts) names.items.push_back(TextValue(script));
  return names;
}

Value WriteSubject(const Evidence& evidence, const Subject& subject, const Calls& calls) {
  Value value = json::Object({{"container", TextValue(subject.container)},
                              {"executable", TextValue(subject.executable)},
                              {"arrival", ArrivalName(subject.arrival)}});
  const auto scripts = evidence.scripts.find(subject);
  if (scripts != evidence.scripts.end()) value.Set("scripts", WriteScripts(scripts->second));
  value.Set("calls", WriteCalls(calls));
  return value;
}

Value WriteGap(const Gap& gap) {
  return json::Object({{"recording", gap.recording},
                       {"kind", TextValue(gap.kind)},
                       {"detail", TextValue(gap.detail)},
                       {"count", gap.count}});
}

}  // namespace

std::string Write(const Evidence& evidence) {
  Value recordings = json::Object();
  for (const auto& [id, recording] : evidence.recordings) recordings.Set(id, WriteRecording(recording));
  Value subjects = json::Array();
  for (const auto& [subject, calls] : evidence.subjects)
    subjects.items.push_back(WriteSubject(evidence, subject, calls));
  Value gaps = json::Array();
  for (const auto& gap : evidence.gaps) gaps.items.push_back(WriteGap(gap));
  return json::Write(json::Object({{"format", "whittle-evidence"},
                                   {"version", kFormatVersion},
                                   {"complete", evidence.complete()},
                                   {"completeness", CompletenessJson(evidence)},
                                   {"recordings", recordings},
                                   {"subjects", subjects},
                                   {"gaps", gaps}}));
}

}  // namespace whittle::evidence
