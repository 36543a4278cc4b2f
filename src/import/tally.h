// What an importer fills: sightings of calls, what is known to be missing, what a person should know. It
// becomes evidence with one recording. Its memory depends on the different subjects, calls and moments, not
// on how many lines there were: times are kept in units of a second, which grow where there would be too many
// of them. Not thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "evidence/evidence.h"

namespace whittle::import {

// A sighting whose source says nothing about time; it belongs to the first moment of the recording.
inline constexpr int64_t kUndated = -1;

// Of a log whose last line has no end: the gap "truncated".
inline constexpr std::string_view kNoEnd = "possible: the last line has no end, and may have been cut";

// One row of what was seen.
struct Row {
  uint64_t count = 0;
  int64_t first_ms = kUndated;
  int64_t last_ms = kUndated;
  evidence::EpochSet units;  // of Tally::unit_ms_, since 1970
  evidence::Arguments arguments;
};

class Tally {
 public:
  // The rows of one subject; stays valid as long as the tally.
  class Calls;

  Calls& Of(const evidence::Subject& subject);
  // Times before 1970 or after 2105 count as undated. `arguments`: null where the source does not tell.
  void See(Calls& calls, const evidence::CallKey& key, int64_t when_ms, uint64_t count = 1,
           const evidence::Arguments* arguments = nullptr);

  // Something is, or may be, missing; the text of the latter begins with "possible: ".
  void Lose(const std::string& kind, const std::string& detail, uint64_t count = 0);
  // Takes back all losses of a kind: what was missing at one look at a growing log may have come.
  void Forget(std::string_view kind);
  // A line for a person; said once. Of more than a thousand different ones the rest is counted.
  void Warn(std::string line);
  // Calls of the ABI are of a machine of the byte order that it does not have here.
  void SeeBigEndian(Abi abi) { big_endian_.insert(abi); }
  // A phase of the workload's life that was seen: evidence::KnownPhases().
  void Exercised(const std::string& phase) { exercised_.insert(phase); }

  // Every row in the order of evidence.
  using Visit = std::function<void(const evidence::Subject&, const evidence::CallKey&, const Row&)>;
  void EachRow(const Visit& visit) const;
  std::set<std::string> warnings() const;
  const std::set<Abi>& big_endian() const { return big_endian_; }
  // No call was seen.
  bool empty() const;

  // The evidence. `recording` brings source, target, native ABI and whether refusals are watched for. The id
  // is made of `name` and of everything that the evidence says, so the same input gives the same bytes, and
  // importing it twice is importing it once.
  evidence::Evidence Build(evidence::Recording recording, const std::string& name) const;

 private:
  Row& RowOf(Calls& calls, uint64_t packed);
  uint32_t UnitOf(int64_t when_ms);
  void Coarsen();
  evidence::Evidence BuildAs(const evidence::Recording& recording, const std::string& id) const;
  void SetTimes(evidence::Recording& recording, uint32_t& base) const;

  // Of the rows that were asked for lately: found without a search.
  struct Lately {
    const Calls* calls = nullptr;
    uint64_t packed = 0;
    Row* row = nullptr;
  };
  static constexpr int kPlaceBits = 10;

  std::map<evidence::Subject, Calls> subjects_;
  std::array<Lately, 1 << kPlaceBits> lately_{};
  std::set<evidence::Gap> gaps_;
  std::set<std::string> warnings_;
  uint64_t more_warnings_ = 0;
  std::set<std::string> exercised_;
  std::set<Abi> big_endian_;
  int64_t unit_ms_ = 1000;
  uint32_t unit_ = 0;  // the last one that was asked for, and its time
  int64_t unit_from_ms_ = 0, unit_to_ms_ = 0;
};

class Tally::Calls {
  friend class Tally;

  std::unordered_map<uint64_t, Row> rows_;  // by packed CallKey; rows stay where they are
};

}  // namespace whittle::import
