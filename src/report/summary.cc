#include "report/summary.h"

#include <fmt/core.h>

#include <functional>
#include <map>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "evidence/completeness_json.h"
#include "evidence/phases.h"
#include "evidence/source.h"
#include "report/completeness_text.h"
#include "syscalls/table.h"

namespace whittle::report {
namespace {

using evidence::Arrival;
using evidence::Evidence;
using evidence::Fate;
using evidence::Recording;
using evidence::Subject;

using CallSet = std::set<std::pair<Abi, uint32_t>>;

std::string JoinSet(const std::set<std::string>& parts, std::string_view none) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + Printable(part);
  return text.empty() ? std::string(none) : text;
}

constexpr std::string_view kNoDay = "-";

// A list of calls, or a trace without times, has no moment; one whose times name no day has none that it
// could say.
std::string SpanText(const Recording& recording) {
  if (SeenText(recording.ended_ms) == kNoDay) return "undated";
  return fmt::format("{} to {}", TimeText(recording.started_ms), TimeText(recording.ended_ms));
}

std::string RecordingText(const std::string& id, const Recording& recording) {
  std::string text = fmt::format("recording {}: {} of {}", id, Printable(recording.source),
                                 recording.target.empty() ? "?" : Printable(recording.target));
  for (const auto* fact : {&recording.image, &recording.engine, &recording.runtime}) {
    if (!fact->empty()) text += ", " + Printable(*fact);
  }
  if (!recording.kernel.empty()) text += ", kernel " + Printable(recording.kernel);
  text += fmt::format(", {}\n", AbiName(recording.native));
  text += fmt::format("  {}, {} of {} ms; exercised: {}\n", SpanText(recording),
                      Counted(recording.epochs, "epoch"), recording.epoch_ms,
                      JoinSet(recording.exercised, "unknown"));
  const auto note = evidence::SourceNote(recording.source);
  if (!note.empty()) text += fmt::format("  note: {}\n", note);
  return text;
}

struct Counts {
  CallSet calls;
  CallSet refused;
  bool under_filter = false;
};

Counts Count(const evidence::Calls& calls) {
  Counts counts;
  for (const auto& [key, observation] : calls) {
    counts.calls.emplace(key.abi, key.number);
    if (evidence::Refused(key.fate)) counts.refused.emplace(key.abi, key.number);
    counts.under_filter |= key.under_filter;
  }
  return counts;
}

std::string AbisText(const CallSet& calls) {
  std::map<Abi, size_t> by_abi;
  for (const auto& [abi, number] : calls) ++by_abi[abi];
  std::string text;
  for (const auto& [abi, count] : by_abi) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", AbiName(abi), count);
  }
  return text;
}

constexpr size_t kScriptsShown = 5;  // in the text; JSON has all

std::string ScriptsText(const evidence::Scripts& scripts) {
  if (scripts.empty()) return "";
  std::string text;
  size_t shown = 0;
  for (const auto& script : scripts) {
    if (shown == kScriptsShown) break;
    text += (shown++ == 0 ? "" : ", ") + Printable(script);
  }
  if (scripts.size() > shown) text += fmt::format(" and {} more", scripts.size() - shown);
  return fmt::format("            for {} {}\n", scripts.size() == 1 ? "the script" : "the scripts", text);
}

const evidence::Scripts& ScriptsOf(const Evidence& evidence, const Subject& subject) {
  static const evidence::Scripts none;
  const auto found = evidence.scripts.find(subject);
  return found == evidence.scripts.end() ? none : found->second;
}

std::string SubjectText(const Subject& subject, const Counts& counts) {
  return fmt::format("  {:<9} {}  {}: {} ({}){}{}\n", ArrivalName(subject.arrival),
                     Printable(subject.container), Printable(subject.executable),
                     Counted(counts.calls.size(), "call"), AbisText(counts.calls),
                     counts.refused.empty() ? "" : fmt::format(", {} refused", counts.refused.size()),
                     counts.under_filter ? ", under a filter" : "");
}

std::string GapsText(const Evidence& evidence) {
  if (evidence.complete()) return "gaps: none known\n";
  std::string text = fmt::format("gaps: {}; what they hid is missing here\n", evidence.gaps.size());
  for (const auto& gap : evidence.gaps) {
    text += fmt::format("  {} {}: {}{}\n", Printable(gap.recording), Printable(gap.kind),
                        Printable(gap.detail), gap.count > 0 ? fmt::format(" ({})", gap.count) : "");
  }
  return text;
}

// What the file has, and what only words can say.
json::Value CompletenessInWords(const Evidence& evidence) {
  const auto assessment = AssessCompleteness(evidence);
  json::Value value = evidence::CompletenessJson(evidence);
  json::Value how = json::Object();
  for (const auto& missing : PhasesNotExercised(evidence))
    how.Set(std::string(missing.phase.name), missing.how);
  value.Set("known", assessment.known());
  value.Set("why", assessment.why);
  value.Set("how_to_exercise", how);
  return value;
}

// "(AF_INET, SOCK_STREAM)", one for each combination that was seen; none if they are not known.
std::vector<std::string> ArgumentTexts(const evidence::CallKey& key, const evidence::Observation& seen) {
  std::vector<std::string> texts;
  for (const auto& values : seen.arguments.values())
    texts.push_back(evidence::ValuesText(key.abi, key.number, seen.arguments.indices(), values));
  return texts;
}

json::Value SubjectJson(const Subject& subject, const evidence::Scripts& scripts,
                        const evidence::Calls& calls) {
  json::Value names = json::Array();
  for (const auto& script : scripts) names.items.emplace_back(Printable(script));
  json::Value list = json::Array();
  for (const auto& [key, observation] : calls) {
    auto& item = list.items.emplace_back(json::Object({{"abi", AbiName(key.abi)},
                                                       {"call", SyscallText(key.abi, key.number)},
                                                       {"fate", FateName(key.fate)},
                                                       {"under_filter", key.under_filter}}));
    if (!observation.arguments.known()) continue;
    json::Value arguments = json::Array();
    for (const auto& text : ArgumentTexts(key, observation)) arguments.items.emplace_back(text);
    item.Set("arguments", std::move(arguments));
  }
  return json::Object({{"container", Printable(subject.container)},
                       {"executable", Printable(subject.executable)},
                       {"arrival", ArrivalName(subject.arrival)},
                       {"scripts", names},
                       {"calls", list}});
}

}  // namespace

std::string SeenText(int64_t ms) {
  constexpr int64_t kYear2000Ms = 946'684'800'000;
  return ms < kYear2000Ms ? std::string(kNoDay) : TimeText(ms);
}

std::string Counted(uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string SummaryText(const Evidence& evidence) {
  std::string text;
  for (const auto& [id, recording] : evidence.recordings) text += RecordingText(id, recording);
  std::map<Arrival, Counts> totals;
  text += "subjects:\n";
  for (const auto& [subject, calls] : evidence.subjects) {
    const Counts counts = Count(calls);
    text += SubjectText(subject, counts) + ScriptsText(ScriptsOf(evidence, subject));
    totals[subject.arrival].calls.insert(counts.calls.begin(), counts.calls.end());
    totals[subject.arrival].refused.insert(counts.refused.begin(), counts.refused.end());
  }
  if (evidence.subjects.empty()) text += "  none\n";
  const auto& workload = totals[Arrival::kWorkload];
  text += fmt::format("workload: {} ({})\n", Counted(workload.calls.size(), "different call"),
                      workload.calls.empty() ? "none" : AbisText(workload.calls));
  if (!workload.refused.empty())
    text += fmt::format("refused: {}\n", Counted(workload.refused.size(), "call"));
  const auto& arrived = totals[Arrival::kArrived];
  if (!arrived.calls.empty()) {
    text += fmt::format(
        "arrived: {} by what came from outside (the runtime, docker exec); --calls --arrived lists them\n",
        Counted(arrived.calls.size(), "different call"));
  }
  return text + CompletenessText(evidence) + GapsText(evidence);
}

json::Value SummaryJson(const Evidence& evidence) {
  json::Value recordings = json::Object();
  for (const auto& [id, recording] : evidence.recordings) {
    json::Value phases = json::Array();
    for (const auto& phase : recording.exercised) phases.items.emplace_back(Printable(phase));
    json::Value value = json::Object({{"source", Printable(recording.source)},
                                      {"target", Printable(recording.target)},
                                      {"image", Printable(recording.image)},
                                      {"engine", Printable(recording.engine)},
                                      {"runtime", Printable(recording.runtime)},
                                      {"kernel", Printable(recording.kernel)},
                                      {"native", AbiName(recording.native)},
                                      {"started", TimeText(recording.started_ms)},
                                      {"ended", TimeText(recording.ended_ms)},
                                      {"epochs", recording.epochs},
                                      {"epoch_ms", recording.epoch_ms},
                                      {"exercised", phases}});
    const auto note = evidence::SourceNote(recording.source);
    if (!note.empty()) value.Set("note", note);
    recordings.Set(id, std::move(value));
  }
  json::Value subjects = json::Array();
  for (const auto& [subject, calls] : evidence.subjects) {
    subjects.items.push_back(SubjectJson(subject, ScriptsOf(evidence, subject), calls));
  }
  json::Value gaps = json::Array();
  for (const auto& gap : evidence.gaps) {
    gaps.items.push_back(json::Object({{"recording", gap.recording},
                                       {"kind", Printable(gap.kind)},
                                       {"detail", Printable(gap.detail)},
                                       {"count", gap.count}}));
  }
  return json::Object({{"complete", evidence.complete()},
                       {"completeness", CompletenessInWords(evidence)},
                       {"recordings", recordings},
                       {"subjects", subjects},
                       {"gaps", gaps}});
}

namespace {

// Sorted, each once.
using AddLines = std::function<void(const std::string& start, const evidence::CallKey& key,
                                    const evidence::Observation& seen, std::set<std::string>& lines)>;
std::string ObservationLines(const Evidence& evidence, Subjects subjects, const AddLines& add) {
  std::set<std::string> lines;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (subjects == Subjects::kWorkload && subject.arrival != Arrival::kWorkload) continue;
    for (const auto& [key, observation] : calls) {
      add(fmt::format("{}\t{}\t{}\t{}\t", Printable(subject.container), Printable(subject.executable),
                      AbiName(key.abi), SyscallText(key.abi, key.number)),
          key, observation, lines);
    }
  }
  std::string text;
  for (const auto& line : lines) text += line;
  return text;
}

}  // namespace

std::string CallLines(const Evidence& evidence, Subjects subjects) {
  return ObservationLines(evidence, subjects,
                          [](const auto& start, const auto& key, const auto&, auto& lines) {
                            lines.insert(fmt::format("{}{}\n", start, FateName(key.fate)));
                          });
}

std::string ArgumentLines(const Evidence& evidence, Subjects subjects) {
  return ObservationLines(evidence, subjects,
                          [](const auto& start, const auto& key, const auto& seen, auto& lines) {
                            for (const auto& text : ArgumentTexts(key, seen))
                              lines.insert(fmt::format("{}{}\t{}\n", start, FateName(key.fate), text));
                          });
}

std::string GapLines(const Evidence& evidence) {
  std::string text;
  for (const auto& gap : evidence.gaps) {
    text += fmt::format("{}\t{}\t{}\t{}\n", gap.recording.empty() ? "-" : Printable(gap.recording),
                        Printable(gap.kind), gap.count, Printable(gap.detail));
  }
  return text;
}

}  // namespace whittle::report
