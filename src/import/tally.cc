#include "import/tally.h"

#include <fmt/core.h>

#include <algorithm>

namespace whittle::import {
namespace {

using evidence::CallKey;

// So many separate moments of one call are kept apart; more make the units longer.
constexpr size_t kMaxRanges = 4096;
constexpr int64_t kEndOfTimeMs = int64_t{UINT32_MAX} * 1000;

uint64_t Pack(const CallKey& key) {
  return uint64_t{static_cast<uint8_t>(key.abi)} << 40 | uint64_t{static_cast<uint8_t>(key.fate)} << 36 |
         uint64_t{key.under_filter} << 35 | uint64_t{static_cast<uint8_t>(key.clone_flags)} << 33 |
         key.number;
}

CallKey Unpack(uint64_t packed) {
  return {static_cast<Abi>(packed >> 40), static_cast<uint32_t>(packed),
          static_cast<evidence::Fate>(packed >> 36 & 0xf), (packed >> 35 & 1) != 0,
          static_cast<evidence::CloneFlags>(packed >> 33 & 3)};
}

// FNV-1a: names, not secrets.
uint64_t Hash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return hash;
}

void TakeArguments(Row& row, const evidence::Arguments* arguments) {
  if (row.count > 0 && !row.arguments.known()) return;
  if (arguments == nullptr) {
    row.arguments = {};
  } else if (row.count == 0) {
    row.arguments = *arguments;
  } else {
    row.arguments.Join(*arguments);
  }
}

}  // namespace

Tally::Calls& Tally::Of(const evidence::Subject& subject) { return subjects_[subject]; }

Row& Tally::RowOf(Calls& calls, uint64_t packed) {
  constexpr uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;  // spreads what differs over the high bits
  const auto address = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(&calls));
  auto& lately = lately_[(packed ^ address >> 4) * kGoldenRatio >> (64 - kPlaceBits)];
  const bool is_it = lately.calls == &calls && lately.packed == packed;
  if (!is_it) lately = {&calls, packed, &calls.rows_[packed]};
  return *lately.row;
}

void Tally::See(Calls& calls, const CallKey& key, int64_t when_ms, uint64_t count,
                const evidence::Arguments* arguments) {
  Row& row = RowOf(calls, Pack(key));
  TakeArguments(row, arguments);
  row.count = count > UINT64_MAX - row.count ? UINT64_MAX : row.count + count;
  if (when_ms < 0 || when_ms >= kEndOfTimeMs) return;
  if (row.first_ms == kUndated || when_ms < row.first_ms) row.first_ms = when_ms;
  row.last_ms = std::max(row.last_ms, when_ms);
  const uint32_t unit = UnitOf(when_ms);
  const bool known = !row.units.empty() && row.units.last() == unit;
  if (known) return;
  row.units.Add(unit);
  if (row.units.ranges().size() > kMaxRanges) Coarsen();
}

// What happens together is one division.
uint32_t Tally::UnitOf(int64_t when_ms) {
  if (when_ms < unit_from_ms_ || when_ms >= unit_to_ms_) {
    unit_ = static_cast<uint32_t>(when_ms / unit_ms_);
    unit_from_ms_ = unit_ * unit_ms_;
    unit_to_ms_ = unit_from_ms_ + unit_ms_;
  }
  return unit_;
}

void Tally::Coarsen() {
  unit_ms_ *= 2;
  unit_to_ms_ = 0;
  for (auto& [subject, calls] : subjects_) {
    for (auto& [key, row] : calls.rows_) {
      evidence::EpochSet coarse;
      for (const auto& [first, last] : row.units.ranges()) coarse.Add(first / 2, last / 2);
      row.units = std::move(coarse);
    }
  }
}

void Tally::Lose(const std::string& kind, const std::string& detail, uint64_t count) {
  const auto known = gaps_.find({"", kind, detail, 0});
  const uint64_t before = known == gaps_.end() ? 0 : known->count;
  evidence::AddGap(gaps_, {"", kind, detail, before + count});
}

void Tally::Forget(std::string_view kind) {
  std::erase_if(gaps_, [&](const evidence::Gap& gap) { return gap.kind == kind; });
}

void Tally::Warn(std::string line) {
  constexpr size_t kMostWarnings = 1000;
  if (warnings_.size() < kMostWarnings) {
    warnings_.insert(std::move(line));
  } else if (!warnings_.contains(line)) {
    ++more_warnings_;
  }
}

std::set<std::string> Tally::warnings() const {
  auto all = warnings_;
  if (more_warnings_ > 0) {
    all.insert(fmt::format("more than {} different warnings: the rest, met {} times, is not told", all.size(),
                           more_warnings_));
  }
  return all;
}

bool Tally::empty() const {
  return std::ranges::all_of(subjects_, [](const auto& entry) { return entry.second.rows_.empty(); });
}

void Tally::EachRow(const Visit& visit) const {
  for (const auto& [subject, calls] : subjects_) {
    std::map<CallKey, const Row*> sorted;
    for (const auto& [key, row] : calls.rows_) sorted.emplace(Unpack(key), &row);
    for (const auto& [key, row] : sorted) visit(subject, key, *row);
  }
}

// Undated recordings have one epoch, and a start and an end of zero.
void Tally::SetTimes(evidence::Recording& recording, uint32_t& base) const {
  uint32_t first = UINT32_MAX;
  uint32_t last = 0;
  EachRow([&](const auto&, const auto&, const Row& row) {
    if (row.units.empty()) return;
    first = std::min(first, row.units.first());
    last = std::max(last, row.units.last());
    recording.ended_ms = std::max(recording.ended_ms, row.last_ms);
  });
  base = first == UINT32_MAX ? 0 : first;
  recording.started_ms = int64_t{base} * unit_ms_;
  recording.epoch_ms = static_cast<uint32_t>(std::min<int64_t>(unit_ms_, UINT32_MAX));
  recording.epochs = last < base ? 1 : last - base + 1;
}

evidence::Evidence Tally::BuildAs(const evidence::Recording& recording, const std::string& id) const {
  evidence::Evidence evidence;
  auto& made = evidence.recordings[id] = recording;
  made.exercised.insert(exercised_.begin(), exercised_.end());
  uint32_t base = 0;
  SetTimes(made, base);
  EachRow([&](const evidence::Subject& subject, const CallKey& key, const Row& row) {
    auto& observation = evidence.subjects[subject][key];
    observation.arguments = row.arguments;
    auto& epochs = observation.epochs[id];
    for (const auto& [first, last] : row.units.ranges()) epochs.Add(first - base, last - base);
    if (epochs.empty()) epochs.Add(0);
  });
  for (auto gap : gaps_) {
    gap.recording = id;
    evidence.gaps.insert(std::move(gap));
  }
  return evidence;
}

evidence::Evidence Tally::Build(evidence::Recording recording, const std::string& name) const {
  const uint64_t hash = Hash(name + "\n" + evidence::Write(BuildAs(recording, "id")));
  return BuildAs(recording, fmt::format("{}-{:016x}", recording.source, hash));
}

}  // namespace whittle::import
