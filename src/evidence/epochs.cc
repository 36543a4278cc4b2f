#include "evidence/epochs.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace whittle::evidence {
namespace {

// 64 bits, so that "the epoch after" exists for every epoch.
uint64_t After(uint32_t epoch) { return uint64_t{epoch} + 1; }

std::optional<uint32_t> ParseEpoch(std::string_view text) {
  const bool plain = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!plain || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  const auto number = ParseUnsigned(text);
  if (!number || *number > UINT32_MAX) return std::nullopt;
  return static_cast<uint32_t>(*number);
}

std::optional<EpochSet::Range> ParseRange(std::string_view text) {
  const size_t dash = text.find('-');
  const auto first = ParseEpoch(text.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash == std::string_view::npos) return EpochSet::Range(*first, *first);
  const auto last = ParseEpoch(text.substr(dash + 1));
  if (!last || *last <= *first) return std::nullopt;
  return EpochSet::Range(*first, *last);
}

}  // namespace

void EpochSet::Add(uint32_t first, uint32_t last) {
  // Recorders add in rising order: the common case is the end.
  if (ranges_.empty() || uint64_t{first} > After(ranges_.back().second)) {
    ranges_.emplace_back(first, last);
    return;
  }
  const auto begin =
      std::ranges::find_if(ranges_, [&](const Range& range) { return After(range.second) >= first; });
  auto end = begin;
  for (; end != ranges_.end() && end->first <= After(last); ++end) {
    first = std::min(first, end->first);
    last = std::max(last, end->second);
  }
  ranges_.insert(ranges_.erase(begin, end), {first, last});
}

void EpochSet::Union(const EpochSet& other) {
  std::vector<Range> all;
  all.reserve(ranges_.size() + other.ranges_.size());
  std::ranges::merge(ranges_, other.ranges_, std::back_inserter(all));
  TakeSorted(all);
}

EpochSet EpochSet::Of(std::vector<Range> ranges) {
  std::ranges::sort(ranges);
  EpochSet set;
  set.TakeSorted(ranges);
  return set;
}

void EpochSet::Remove(uint32_t epoch) {
  const auto range = std::ranges::lower_bound(ranges_, epoch, {}, &Range::second);
  if (range == ranges_.end() || range->first > epoch) return;
  const auto [first, last] = *range;
  auto at = ranges_.erase(range);
  if (epoch < last) at = ranges_.insert(at, {epoch + 1, last});
  if (first < epoch) ranges_.insert(at, {first, epoch - 1});
}

void EpochSet::TakeSorted(const std::vector<Range>& ranges) {
  ranges_.clear();
  for (const auto& [first, last] : ranges) {
    if (!ranges_.empty() && first <= After(ranges_.back().second)) {
      ranges_.back().second = std::max(ranges_.back().second, last);
    } else {
      ranges_.emplace_back(first, last);
    }
  }
}

uint64_t EpochSet::count() const {
  uint64_t total = 0;
  for (const auto& [first, last] : ranges_) total += After(last) - first;
  return total;
}

uint32_t EpochSet::first() const { return ranges_.front().first; }
uint32_t EpochSet::last() const { return ranges_.back().second; }

bool EpochSet::Contains(uint32_t epoch) const {
  const auto range = std::ranges::lower_bound(ranges_, epoch, {}, &Range::second);
  return range != ranges_.end() && range->first <= epoch;
}

std::string EpochSet::Text() const {
  std::string text;
  for (const auto& [first, last] : ranges_) {
    if (!text.empty()) text += ',';
    text += first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
  }
  return text;
}

Result<EpochSet> EpochSet::Parse(std::string_view text) {
  EpochSet set;
  if (text.empty()) return set;
  for (const auto piece : Split(text, ',')) {
    const auto range = ParseRange(piece);
    const bool in_order = range && (set.empty() || uint64_t{range->first} > After(set.last()));
    if (!in_order) {
      return Fail(ErrorCode::kBadInput,
                  fmt::format("'{}' are no epochs: expected rising numbers and ranges like 0-3,7",
                              Printable(text.substr(0, 80))));
    }
    set.ranges_.push_back(*range);
  }
  return set;
}

}  // namespace whittle::evidence
