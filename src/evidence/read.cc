#include <fmt/core.h>

#include <algorithm>

#include "base/document_kind.h"
#include "base/file.h"
#include "base/text.h"
#include "evidence/completeness_json.h"
#include "evidence/evidence.h"
#include "evidence/fields.h"
#include "evidence/text_value.h"
#include "syscalls/table.h"

namespace whittle::evidence {
namespace {

using json::Kind;
using json::Value;

constexpr uint64_t kMaxMs = INT64_MAX;

// One document being read.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}
  Result<Evidence> Document(const Value& value);

 private:
  Result<void> Header(Fields& fields);
  Result<void> Recordings(const Value& value);
  Result<Recording> OneRecording(const Value& value, const std::string& where);
  Result<void> OneSubject(const Value& value);
  Result<void> CallsOfAbi(const json::Member& member, const std::string& where, Calls& calls);
  Result<void> OneCall(const Value& value, Abi abi, const std::string& where, Calls& calls);
  Result<CloneFlags> ReadCloneFlags(Fields& fields, std::string_view call);
  Result<Arguments> ReadArguments(Fields& fields, const std::string& where);
  Result<Observation> Epochs(const Value& value, const std::string& where);
  Result<void> OneGap(const Value& value);
  Result<Abi> ReadAbi(json::Position at, const std::string& text, const std::string& where);

  Result<Scripts> ReadScripts(const Value& value, const std::string& where);

  const std::string& file_;
  Evidence evidence_;
};

Result<Evidence> Reader::Document(const Value& value) {
  auto fields = TRY(Fields::Of(value, file_, "evidence"));
  TRY(Header(fields));
  const auto* complete = TRY(fields.Of("complete", Kind::kBoolean));
  const auto* recordings = TRY(fields.Of("recordings", Kind::kObject));
  TRY(Recordings(*recordings));
  for (const auto& subject : TRY(fields.Of("subjects", Kind::kArray))->items) TRY(OneSubject(subject));
  for (const auto& gap : TRY(fields.Of("gaps", Kind::kArray))->items) TRY(OneGap(gap));
  const auto* completeness = TRY(fields.Optional("completeness", Kind::kObject));
  if (completeness != nullptr) TRY(CheckCompletenessJson(*completeness, file_));
  TRY(fields.NothingElse());
  if (complete->boolean != evidence_.complete()) {
    return fields.Fail(complete->at,
                       "field 'complete' must be true exactly if there are no gaps: the file was changed");
  }
  return std::move(evidence_);
}

Result<void> Reader::Header(Fields& fields) {
  const std::string wrong = WrongKindText(fields.object(), DocumentKind::kEvidence);
  if (!wrong.empty()) return json::FailAt(file_, fields.object().at, wrong);
  const auto* format = TRY(fields.Of("format", Kind::kString));
  if (format->text != "whittle-evidence") {
    return fields.Fail(format->at, fmt::format("field 'format': expected 'whittle-evidence', found '{}'",
                                               Printable(format->text)));
  }
  const auto* version = TRY(fields.Of("version", Kind::kUnsigned));
  if (version->number > kFormatVersion) {
    return fields.Fail(version->at,
                       fmt::format("format version {} was written by a newer Whittle; this one reads "
                                   "versions up to {}: upgrade it, or record again",
                                   version->number, kFormatVersion));
  }
  if (version->number == 0) return fields.Fail(version->at, "there is no format version 0");
  return {};
}

Result<void> Reader::Recordings(const Value& value) {
  for (const auto& member : value.members) {
    const std::string where = fmt::format("recording '{}'", Printable(member.name));
    if (!IsRecordingId(member.name)) {
      return json::FailAt(file_, member.at,
                          where + ": an id is made of 1 to 128 letters, digits and - _ . :");
    }
    auto recording = TRY(OneRecording(member.value, where));
    if (!evidence_.recordings.emplace(member.name, std::move(recording)).second) {
      return json::FailAt(file_, member.at, where + " stands twice");
    }
  }
  return {};
}

Result<Recording> Reader::OneRecording(const Value& value, const std::string& where) {
  auto fields = TRY(Fields::Of(value, file_, where));
  Recording recording;
  recording.source = TRY(fields.Text("source"));
  recording.kernel = TRY(fields.Text("kernel"));
  const auto* native = TRY(fields.Of("native", Kind::kString));
  recording.native = TRY(ReadAbi(native->at, native->text, where));
  recording.target = TRY(fields.Text("target"));
  recording.image = TRY(fields.Text("image"));
  recording.engine = TRY(fields.Text("engine"));
  recording.runtime = TRY(fields.Text("runtime"));
  recording.refusals_watched = TRY(fields.Boolean("refusals_watched"));
  for (const auto& phase : TRY(fields.Of("exercised", Kind::kArray))->items) {
    const auto name = TRY(ReadText(phase, file_, where + ": field 'exercised'"));
    if (!recording.exercised.insert(name).second)
      return fields.Fail(phase.at, "field 'exercised' names a phase twice");
  }
  recording.started_ms = static_cast<int64_t>(TRY(fields.Number("started_ms", kMaxMs)));
  recording.ended_ms = static_cast<int64_t>(TRY(fields.Number("ended_ms", kMaxMs)));
  recording.epoch_ms = static_cast<uint32_t>(TRY(fields.Number("epoch_ms", UINT32_MAX)));
  recording.epochs = static_cast<uint32_t>(TRY(fields.Number("epochs", UINT32_MAX)));
  TRY(fields.NothingElse());
  return recording;
}

Result<Abi> Reader::ReadAbi(json::Position at, const std::string& text, const std::string& where) {
  const auto abi = ParseAbi(text);
  if (abi && AbiName(*abi) == text) return *abi;
  return json::FailAt(file_, at,
                      fmt::format("{}: '{}' is no ABI{}", where, Printable(text),
                                  abi ? fmt::format(": write '{}'", AbiName(*abi)) : ""));
}

Result<void> Reader::OneSubject(const Value& value) {
  auto fields = TRY(Fields::Of(value, file_, "subject"));
  Subject subject;
  subject.container = TRY(fields.Text("container"));
  subject.executable = TRY(fields.Text("executable"));
  const auto* arrival = TRY(fields.Of("arrival", Kind::kString));
  const auto parsed = ParseArrival(arrival->text);
  if (!parsed) return fields.Fail(arrival->at, "field 'arrival': expected 'workload' or 'arrived'");
  subject.arrival = *parsed;
  const std::string where = fmt::format("subject '{}'", Printable(subject.executable));
  Scripts scripts;
  const auto* names = TRY(fields.Optional("scripts", Kind::kArray));
  if (names != nullptr) scripts = TRY(ReadScripts(*names, where));
  Calls calls;
  for (const auto& member : TRY(fields.Of("calls", Kind::kObject))->members)
    TRY(CallsOfAbi(member, where, calls));
  TRY(fields.NothingElse());
  if (!evidence_.subjects.emplace(subject, std::move(calls)).second) {
    return json::FailAt(file_, value.at, where + " stands twice");
  }
  if (!scripts.empty()) evidence_.scripts.emplace(std::move(subject), std::move(scripts));
  return {};
}

// New in version 2, and only where there are any.
Result<Scripts> Reader::ReadScripts(const Value& value, const std::string& where) {
  Scripts scripts;
  for (const auto& item : value.items) {
    const auto name = TRY(ReadText(item, file_, where + ": field 'scripts'"));
    if (scripts.insert(name).second) continue;
    return json::FailAt(file_, item.at, where + ": field 'scripts' names a script twice");
  }
  return scripts;
}

Result<void> Reader::CallsOfAbi(const json::Member& member, const std::string& where, Calls& calls) {
  const Abi abi = TRY(ReadAbi(member.at, member.name, where));
  if (!member.value.is(Kind::kArray)) {
    return json::FailAt(file_, member.value.at,
                        fmt::format("{}: the calls of {}: expected an array, found {}", where, member.name,
                                    json::KindText(member.value.kind)));
  }
  for (const auto& call : member.value.items) TRY(OneCall(call, abi, where, calls));
  return {};
}

Result<void> Reader::OneCall(const Value& value, Abi abi, const std::string& where, Calls& calls) {
  auto fields = TRY(Fields::Of(value, file_, where + ": call"));
  const auto* name = TRY(fields.Of("call", Kind::kString));
  const auto number = ParseSyscall(abi, name->text);
  if (!number) {
    return fields.Fail(
        name->at, fmt::format("field 'call': '{}' is no call of {}{}", Printable(name->text), AbiName(abi),
                              IsSyscallName(name->text) ? "" : DidYouMean(name->text)));
  }
  const auto* fate = TRY(fields.Of("fate", Kind::kString));
  const auto parsed = ParseFate(fate->text);
  if (!parsed) {
    return fields.Fail(fate->at,
                       "field 'fate': expected 'allowed', 'logged', 'denied', 'killed' or 'unknown'");
  }
  const CallKey key{abi, *number, *parsed, TRY(fields.Boolean("under_filter")),
                    TRY(ReadCloneFlags(fields, name->text))};
  const auto* epochs = TRY(fields.Of("epochs", Kind::kObject));
  auto observation = TRY(Epochs(*epochs, where + ": epochs of " + name->text));
  const auto arguments = TRY(ReadArguments(fields, where + ": arguments of " + name->text));
  observation.arguments = arguments.AsTakenBy(abi, *number);
  TRY(fields.NothingElse());
  if (calls.emplace(key, std::move(observation)).second) return {};
  return fields.Fail(value.at, fmt::format("'{}' stands twice with this fate and filter", name->text));
}

// New in version 2, and only where it is known.
Result<CloneFlags> Reader::ReadCloneFlags(Fields& fields, std::string_view call) {
  const auto* value = TRY(fields.Optional("clone_flags", Kind::kString));
  if (value == nullptr) return CloneFlags::kUnknown;
  if (call != "clone" && call != "clone3")
    return fields.Fail(value->at, "field 'clone_flags': only clone and clone3 have it");
  const auto flags = ParseCloneFlags(value->text);
  if (flags && *flags != CloneFlags::kUnknown) return *flags;
  return fields.Fail(value->at, "field 'clone_flags': expected 'ordinary', 'namespaces' or 'only-clone3'");
}

// Numbers with commas between; nothing if there is anything else.
std::optional<Arguments::Values> NumbersOf(std::string_view text) {
  Arguments::Values numbers;
  for (const auto word : Split(text, ',')) {
    const auto number = ParseUnsigned(word);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

// The indices of arguments, "0,1"; nothing if they are none, or do not rise.
std::optional<std::vector<uint32_t>> IndicesOf(std::string_view text) {
  const auto numbers = NumbersOf(text);
  const auto rises = [](uint64_t a, uint64_t b) { return a >= b; };
  if (!numbers || numbers->empty() || numbers->back() > 5) return std::nullopt;
  if (std::ranges::adjacent_find(*numbers, rises) != numbers->end()) return std::nullopt;
  return std::vector<uint32_t>(numbers->begin(), numbers->end());
}

// New in version 3, and only where they are known.
Result<Arguments> Reader::ReadArguments(Fields& fields, const std::string& where) {
  const auto* value = TRY(fields.Optional("arguments", Kind::kObject));
  if (value == nullptr) return Arguments();
  auto inner = TRY(Fields::Of(*value, file_, where));
  const auto* indices_text = TRY(inner.Of("indices", Kind::kString));
  const auto indices = IndicesOf(indices_text->text);
  if (!indices)
    return inner.Fail(indices_text->at,
                      "field 'indices': expected numbers from 0 to 5 that rise, like \"0,1\"");
  const auto* list = TRY(inner.Of("values", Kind::kArray));
  TRY(inner.NothingElse());
  Arguments arguments;
  std::set<Arguments::Values> seen;
  for (const auto& item : list->items) {
    auto values = item.is(Kind::kString) ? NumbersOf(item.text) : std::nullopt;
    if (!values || values->size() != indices->size())
      return inner.Fail(item.at, "field 'values': expected a number for each index, like \"0x2,0x1\"");
    if (!seen.insert(*values).second) return inner.Fail(item.at, "field 'values' has the same values twice");
    const Arguments one(*indices, std::move(*values));
    if (seen.size() == 1)
      arguments = one;
    else
      arguments.Join(one);
  }
  if (seen.empty() || seen.size() > Arguments::kMost)
    return inner.Fail(list->at, fmt::format("field 'values': expected 1 to {} of them", Arguments::kMost));
  return arguments;
}

Result<Observation> Reader::Epochs(const Value& value, const std::string& where) {
  Observation observation;
  for (const auto& member : value.members) {
    const auto fail = [&](const std::string& message) {
      return json::FailAt(file_, member.at, fmt::format("{}: {}", where, message));
    };
    const auto recording = evidence_.recordings.find(member.name);
    if (recording == evidence_.recordings.end()) {
      return fail(fmt::format("'{}' is none of the recordings of this file", Printable(member.name)));
    }
    if (!member.value.is(Kind::kString)) return fail("expected a string like \"0-3,7\"");
    auto epochs = EpochSet::Parse(member.value.text);
    if (!epochs) return fail(epochs.error().message);
    if (epochs->empty()) return fail("expected at least one epoch");
    if (epochs->last() >= recording->second.epochs) {
      return fail(fmt::format("epoch {} lies beyond the {} epochs of recording '{}'", epochs->last(),
                              recording->second.epochs, member.name));
    }
    if (!observation.epochs.emplace(member.name, std::move(*epochs)).second) {
      return fail(fmt::format("recording '{}' stands twice", member.name));
    }
  }
  if (observation.epochs.empty())
    return json::FailAt(file_, value.at, where + ": expected at least one recording");
  return observation;
}

Result<void> Reader::OneGap(const Value& value) {
  auto fields = TRY(Fields::Of(value, file_, "gap"));
  Gap gap;
  const auto* recording = TRY(fields.Of("recording", Kind::kString));
  gap.recording = recording->text;
  if (!gap.recording.empty() && !evidence_.recordings.contains(gap.recording)) {
    return fields.Fail(recording->at,
                       fmt::format("field 'recording': '{}' is none of the recordings of this file",
                                   Printable(gap.recording)));
  }
  gap.kind = TRY(fields.Text("kind"));
  gap.detail = TRY(fields.Text("detail"));
  gap.count = TRY(fields.Number("count"));
  TRY(fields.NothingElse());
  if (!evidence_.gaps.insert(std::move(gap)).second) return fields.Fail(value.at, "stands twice");
  return {};
}

// Text that does not even begin like a JSON document.
bool IsOtherText(std::string_view text) {
  const auto start = Trim(text.substr(0, 4096));
  return !start.empty() && start[0] != '{' && start[0] != '[';
}

}  // namespace

Result<Evidence> Read(std::string_view text, const std::string& file) {
  auto value = json::Parse(text, file);
  if (!value && IsOtherText(text)) {
    value.error().message += "; logs, traces and lists of calls are read by 'whittle import'";
  }
  return Reader(file).Document(TRY(std::move(value)));
}

Result<Evidence> ReadEvidenceFile(const std::string& path) {
  const auto text = TRY(ReadFile(path));
  return Read(text, path == "-" ? "standard input" : Printable(path));
}

Result<Evidence> ReadEvidenceFiles(const std::vector<std::string>& paths) {
  Evidence all;
  for (const auto& path : paths) {
    const auto one = TRY(ReadEvidenceFile(path));
    auto merged = Merge(all, one);
    if (!merged) return std::unexpected(WithContext(merged.error(), "merging " + Printable(path)));
    all = std::move(*merged);
  }
  return all;
}

}  // namespace whittle::evidence
