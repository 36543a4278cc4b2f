// Sets of epochs: when something was seen. Pure; thread safe (a value).
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace whittle::evidence {

// Epochs of one recording in which something was seen.
// Invariant: the ranges are sorted, inclusive, and neither overlap nor touch, so that equal sets are equal
// values.
class EpochSet {
 public:
  using Range = std::pair<uint32_t, uint32_t>;  // first, last

  // The union of ranges in any order; each first <= last.
  static EpochSet Of(std::vector<Range> ranges);

  void Add(uint32_t epoch) { Add(epoch, epoch); }
  void Add(uint32_t first, uint32_t last);  // first <= last
  void Remove(uint32_t epoch);
  void Union(const EpochSet& other);

  bool empty() const { return ranges_.empty(); }
  uint64_t count() const;
  uint32_t first() const;  // must not be empty
  uint32_t last() const;   // must not be empty
  bool Contains(uint32_t epoch) const;
  std::span<const Range> ranges() const { return ranges_; }

  // "0-3,7"; "" for the empty set.
  std::string Text() const;
  // The inverse; only what Text() writes is taken. Errors: kBadInput.
  static Result<EpochSet> Parse(std::string_view text);

  auto operator<=>(const EpochSet&) const = default;

 private:
  void TakeSorted(const std::vector<Range>& ranges);

  std::vector<Range> ranges_;
};

}  // namespace whittle::evidence
