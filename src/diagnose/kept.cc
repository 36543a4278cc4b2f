#include "diagnose/kept.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/document_kind.h"
#include "base/file.h"
#include "base/json.h"
#include "base/time.h"
#include "evidence/evidence.h"
#include "syscalls/table.h"

namespace whittle::diagnose {
namespace {

constexpr int64_t kStartMs =
    10'000;  // longer than an engine takes from a container's cgroup to its "started"
constexpr json::Limits kLimits{.bytes = kMaxFileBytes, .depth = 64, .values = size_t{1} << 22};

kept::Refusal RefusalOf(const evidence::Subject& subject, const evidence::CallKey& key, int64_t last_ms) {
  kept::Refusal refusal;
  refusal.abi = key.abi;
  refusal.call = SyscallText(key.abi, key.number);
  refusal.fate = key.fate;
  refusal.arrival = subject.arrival;
  refusal.executable = subject.executable;
  refusal.last_ms = last_ms;
  return refusal;
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

Result<kept::Life> ReadEvidence(std::string_view text, const std::string& file, std::string_view name) {
  const auto evidence = TRY(evidence::Read(text, file));
  kept::Life life;
  for (const auto& [subject, calls] : evidence.subjects) {
    if (!name.empty() && subject.container != "-" && subject.container != name) continue;
    for (const auto& [key, observation] : calls) {
      if (!evidence::Refused(key.fate)) continue;
      life.refused.push_back(RefusalOf(subject, key, LastSeen(evidence, observation)));
    }
  }
  std::ranges::stable_sort(life.refused, {}, &kept::Refusal::last_ms);
  for (const auto& gap : evidence.gaps) life.gaps.push_back(gap.detail);
  return life;
}

Result<kept::Life> ReadAny(std::string_view text, const std::string& file, std::string_view name) {
  const json::Value root = TRY(json::Parse(text, file, kLimits));
  const json::Value* format = root.is(json::Kind::kObject) ? root.Find("format") : nullptr;
  if (format != nullptr && format->text == "whittle-denials") return kept::Read(text, file);
  if (KindOfDocument(root) == DocumentKind::kEvidence) return ReadEvidence(text, file, name);
  kept::Life life;
  if (format != nullptr && format->text == "whittle-denials-report") {
    life.refused = TRY(kept::ReadRefusals(root, "denials", file, name));
  } else if (root.is(json::Kind::kObject) && root.Find("refused") != nullptr) {
    life.refused = TRY(kept::ReadRefusals(root, "refused", file, name));  // what `run --result` writes
  } else {
    return json::FailAt(file, root.at,
                        "expected refusals: a denials file (docs/format-denials.md), what 'whittle denials "
                        "--json' or 'whittle run --result' wrote, or evidence");
  }
  return life;
}

RefusedCall RefusedCallOf(const kept::Refusal& refusal) {
  RefusedCall refused;
  refused.abi = refusal.abi;
  refused.call = refusal.call;
  refused.fate = refusal.fate;
  refused.arrived = refusal.arrival == evidence::Arrival::kArrived;
  refused.got = refusal.got;
  refused.executable = refusal.executable;
  refused.command = refusal.command;
  refused.count = refusal.count;
  refused.last_ms = refusal.last_ms;
  refused.stack = refusal.stack;
  return refused;
}

}  // namespace

Result<kept::File> ReadKept(std::string_view text, const std::string& file, std::string_view name) {
  return kept::File{TRY(ReadAny(text, file, name)), file};
}

Result<kept::File> ReadKeptFile(const std::string& path, std::string_view name) {
  return ReadKept(TRY(ReadFile(path)), path == "-" ? "standard input" : path, name);
}

void TakeKept(const kept::File& file, Facts& facts) {
  const kept::Life& life = file.life;
  if (!life.id.empty() && facts.info && facts.info->started_ms > life.updated_ms + kStartMs) {
    facts.unknown.push_back(
        fmt::format("{}: it is of an earlier start, and what was refused since was not watched", file.path));
    return;
  }
  const bool is_gone = !facts.info || facts.info->state.empty();
  facts.watched += (facts.watched.empty() ? "" : ", ") + file.path;
  std::vector<RefusedCall> refused;
  for (const auto& refusal : life.refused) refused.push_back(RefusedCallOf(refusal));
  facts.refused.insert(facts.refused.begin(), refused.begin(), refused.end());
  for (const auto& gap : life.gaps) facts.unknown.push_back(fmt::format("{}: {}", file.path, gap));
  if (life.id.empty()) return;
  if (life.dropped != 0) {
    facts.unknown.push_back(
        fmt::format("{}: {} older kinds of refusals, for which there was no room", file.path, life.dropped));
  }
  if (is_gone && !life.ended) {
    facts.unknown.push_back(fmt::format("{}: what came after {}: the watch ended before the container did",
                                        file.path, TimeText(life.updated_ms)));
  }
  facts.workload_seen = !life.first_seen.empty();
  facts.seen_from_start = life.from_start;
}

}  // namespace whittle::diagnose
