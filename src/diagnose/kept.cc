#include "diagnose/kept.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "base/document_kind.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "evidence/text_value.h"
#include "syscalls/table.h"

namespace whittle::diagnose {
namespace {

using json::Kind;
using json::Value;

constexpr json::Limits kLimits{.bytes = size_t{4} << 20, .depth = 16, .values = size_t{1} << 18};
constexpr size_t kMinPrefix = 12;
constexpr size_t kMaxFiles = 20'000;  // of a folder that others may have written into

// The members of one object; those that nobody asks for are passed over. Keeps the first complaint.
class Members {
 public:
  Members(const Value& object, const std::string& file, std::string what)
      : object_(object), file_(file), what_(std::move(what)) {
    if (!object.is(Kind::kObject)) Complain(object, "", "an object");
  }

  std::string Text(std::string_view name) {
    const Value* value = Find(name);
    if (value == nullptr) return "";
    auto text = evidence::ReadText(*value, file_, fmt::format("{}.{}", what_, name));
    if (text) return std::move(*text);
    if (status_) status_ = std::unexpected(text.error());
    return "";
  }
  std::string NeededText(std::string_view name) {
    std::string text = Text(name);
    if (text.empty() && status_) Complain(object_, name, "a text that is not empty");
    return text;
  }
  int64_t Number(std::string_view name, int64_t otherwise = 0) {
    const Value* value = Find(name);
    if (value == nullptr) return otherwise;
    if (value->is(Kind::kInteger)) return otherwise;  // -1: not known
    if (value->is(Kind::kUnsigned) && value->number <= INT64_MAX) return static_cast<int64_t>(value->number);
    Complain(*value, name, "a whole number from 0 to 2^63 - 1");
    return otherwise;
  }
  int64_t NeededNumber(std::string_view name) {
    if (object_.Find(name) == nullptr) Complain(object_, name, "a whole number");
    return Number(name);
  }
  bool Flag(std::string_view name) {
    const Value* value = Find(name);
    if (value == nullptr) return false;
    if (!value->is(Kind::kBoolean)) Complain(*value, name, "true or false");
    return value->is(Kind::kBoolean) && value->boolean;
  }
  // Empty where it is missing.
  const std::vector<Value>& List(std::string_view name) {
    static const std::vector<Value> kNone;
    const Value* value = Find(name);
    if (value == nullptr) return kNone;
    if (!value->is(Kind::kArray)) Complain(*value, name, "an array");
    return value->items;
  }
  void Complain(const Value& value, std::string_view name, std::string_view wanted) {
    if (!status_) return;
    status_ = json::FailAt(file_, value.at,
                           fmt::format("{}{}{}: expected {}", what_, name.empty() ? "" : ".", name, wanted));
  }
  Result<void> status() const { return status_; }

 private:
  const Value* Find(std::string_view name) {
    const Value* value = object_.is(Kind::kObject) ? object_.Find(name) : nullptr;
    return value == nullptr || value->is(Kind::kNull) ? nullptr : value;
  }

  const Value& object_;
  const std::string& file_;
  std::string what_;
  Result<void> status_;
};

// A denials file has frames as texts, the report of 'whittle denials' as objects.
std::string FrameText(const Value& frame) {
  const Value* text = frame.is(Kind::kObject) ? frame.Find("text") : &frame;
  return text == nullptr ? "" : text->text;
}

Result<RefusedCall> ReadRefused(const Value& item, const std::string& file, size_t index) {
  Members members(item, file, fmt::format("refused[{}]", index));
  RefusedCall refused;
  const std::string abi = members.NeededText("abi");
  refused.call = members.NeededText("call");
  const std::string fate = members.Text("fate");
  refused.got = members.Text("got");
  refused.executable = members.Text("executable");
  refused.command = members.Text("command");
  refused.arrived = members.Text("arrival") == evidence::ArrivalName(evidence::Arrival::kArrived);
  refused.count = static_cast<uint64_t>(members.Number("count", 1));
  refused.last_ms = members.Number("last_ms");
  for (const auto& frame : members.List("stack")) refused.stack.push_back(FrameText(frame));
  TRY(members.status());
  const auto parsed = ParseAbi(abi);
  if (!parsed) members.Complain(item, "abi", "an ABI such as x86_64");
  if (!fate.empty() && !evidence::ParseFate(fate)) members.Complain(item, "fate", "denied or killed");
  TRY(members.status());
  refused.abi = *parsed;
  refused.fate = evidence::ParseFate(fate).value_or(evidence::Fate::kDenied);
  return refused;
}

Result<void> TakeRefused(Members& members, const std::string& file, std::string_view container, Kept& kept,
                         std::string_view name = "refused") {
  const auto& list = members.List(name);
  for (size_t i = 0; i < list.size(); ++i) {
    const Value* whose = list[i].is(Kind::kObject) ? list[i].Find("container") : nullptr;
    const bool other = !container.empty() && whose != nullptr && whose->text != container;
    if (other) continue;
    auto refused = TRY(ReadRefused(list[i], file, i));
    if (evidence::Refused(refused.fate)) kept.refused.push_back(std::move(refused));
  }
  return {};
}

Result<Kept> ReadDenials(const Value& root, const std::string& file) {
  Members members(root, file, "the document");
  Kept kept;
  if (members.NeededNumber("version") > kKeptVersion) {
    members.Complain(root, "version", fmt::format("at most {}: a newer whittle wrote this", kKeptVersion));
  }
  kept.started_ms = members.NeededNumber("started_ms");
  kept.updated_ms = members.NeededNumber("updated_ms");
  kept.from_start = members.Flag("from_start");
  kept.ended = members.Flag("ended");
  if (root.Find("refused") == nullptr) members.Complain(root, "refused", "an array");
  TRY(TakeRefused(members, file, "", kept));
  const auto& seen = members.List("first_seen");
  for (size_t i = 0; i < seen.size(); ++i) {
    Members one(seen[i], file, fmt::format("first_seen[{}]", i));
    kept.last_calls.push_back(one.NeededText("call"));
    TRY(one.status());
  }
  for (const auto& gap : members.List("gaps")) kept.gaps.push_back(gap.text);
  const Value* container = root.Find("container");
  if (container == nullptr) members.Complain(root, "container", "an object");
  TRY(members.status());
  Members whose(*container, file, "container");
  kept.container.id = whose.NeededText("id");
  kept.container.name = whose.NeededText("name");
  kept.container.image = whose.Text("image");
  kept.container.engine_version = whose.Text("engine");
  kept.container.runtime = whose.Text("runtime");
  TRY(whose.status());
  return kept;
}

RefusedCall RefusedOf(const evidence::Subject& subject, const evidence::CallKey& key) {
  RefusedCall refused;
  refused.abi = key.abi;
  refused.call = SyscallText(key.abi, key.number);
  refused.fate = key.fate;
  refused.arrived = subject.arrival == evidence::Arrival::kArrived;
  refused.executable = subject.executable;
  return refused;
}

// When a call was seen last, in wall-clock milliseconds.
int64_t LastSeen(const evidence::Evidence& evidence, const evidence::Observation& observation) {
  int64_t last = 0;
  for (const auto& [id, epochs] : observation.epochs) {
    const auto recording = evidence.recordings.find(id);
    if (recording == evidence.recordings.end() || epochs.empty()) continue;
    last = std::max(last, recording->second.started_ms + int64_t{epochs.last()} * recording->second.epoch_ms);
  }
  return last;
}

Result<Kept> ReadEvidence(std::string_view text, const std::string& file, std::string_view name) {
  const auto evidence = TRY(evidence::Read(text, file));
  Kept kept;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (!name.empty() && subject.container != "-" && subject.container != name) continue;
    for (const auto& [key, observation] : calls) {
      if (!evidence::Refused(key.fate)) continue;
      kept.refused.push_back(RefusedOf(subject, key));
      kept.refused.back().last_ms = LastSeen(evidence, observation);
    }
  }
  std::ranges::stable_sort(kept.refused, {}, &RefusedCall::last_ms);
  for (const auto& gap : evidence.gaps) kept.gaps.push_back(gap.detail);
  return kept;
}

// ID-STARTED_MS.json
struct StoreName {
  std::string id;
  uint64_t started_ms = 0;
};
std::optional<StoreName> ParseStoreName(std::string_view name) {
  constexpr std::string_view kEnd = ".json";
  if (!name.ends_with(kEnd)) return std::nullopt;
  name.remove_suffix(kEnd.size());
  const size_t dash = name.rfind('-');
  if (dash == name.npos || dash == 0) return std::nullopt;
  const auto started = ParseUnsigned(name.substr(dash + 1));
  if (!started) return std::nullopt;
  std::string id(name.substr(0, dash));
  std::ranges::replace(id, '+', '/');
  return StoreName{std::move(id), *started};
}

bool Means(std::string_view wanted, const container::ContainerInfo& container) {
  if (wanted == container.name || wanted == container.id) return true;
  return wanted.size() >= kMinPrefix && container.id.starts_with(wanted);
}

}  // namespace

Result<Kept> ReadKept(std::string_view text, const std::string& file, std::string_view name) {
  const Value root = TRY(json::Parse(text, file, kLimits));
  const Value* format = root.is(Kind::kObject) ? root.Find("format") : nullptr;
  Result<Kept> kept = Kept{};
  if (format != nullptr && format->text == "whittle-denials") {
    kept = ReadDenials(root, file);
  } else if (format != nullptr && format->text == "whittle-denials-report") {
    Members members(root, file, "the document");
    TRY(TakeRefused(members, file, name, *kept, "denials"));
    TRY(members.status());
  } else if (KindOfDocument(root) == DocumentKind::kEvidence) {
    kept = ReadEvidence(text, file, name);
  } else if (root.is(Kind::kObject) && root.Find("refused") != nullptr) {
    Members members(root, file, "the document");  // what `run --result` writes
    TRY(TakeRefused(members, file, name, *kept));
    TRY(members.status());
  } else {
    return json::FailAt(file, root.at,
                        "expected refusals: a denials file (docs/format-denials.md), what 'whittle denials "
                        "--json' or 'whittle run --result' wrote, or evidence");
  }
  if (kept) kept->file = file;
  return kept;
}

Result<Kept> ReadKeptFile(const std::string& path, std::string_view name) {
  return ReadKept(TRY(ReadFile(path)), path == "-" ? "standard input" : path, name);
}

Result<std::optional<Kept>> FindKept(const std::string& folder, std::string_view name_or_id) {
  std::error_code error;
  std::vector<std::pair<uint64_t, std::string>> files;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto name = ParseStoreName(at->path().filename().string());
    if (name && at->is_regular_file(error)) files.emplace_back(name->started_ms, at->path().string());
    if (files.size() >= kMaxFiles) break;
  }
  std::ranges::sort(files, std::greater{});
  for (const auto& [started, path] : files) {
    auto kept = TRY(ReadKeptFile(path, ""));
    if (Means(name_or_id, kept.container)) return kept;
  }
  return std::nullopt;
}

}  // namespace whittle::diagnose
