// The serial numbers of audit records: has this one been read before, and are there any missing in between? A
// log is read in pieces, in any order, perhaps twice; the numbers begin anew at every boot. Not thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace whittle::import {

class Serials {
 public:
  enum class Seen { kFirst, kAgain };

  // `node` is the machine's name where the log has several. `ms` tells one boot's numbers from another's.
  Seen Add(std::string_view node, int64_t ms, uint64_t serial);
  // Numbers between the lowest and the highest of each boot that never came. 0 where numbers are scattered so
  // widely that they are no longer kept apart (see `overrun`).
  uint64_t Missing() const;
  // True if there were too many separate numbers to remember; from then on every number counts as new.
  bool overrun() const { return ranges_ > kMaxRanges; }

 private:
  static constexpr size_t kMaxRanges = 1 << 20;

  // The numbers of one boot of one machine.
  struct Boot {
    std::string node;
    int64_t first_ms, last_ms;
    std::map<uint64_t, uint64_t> ranges;  // first -> last
    uint64_t lowest() const { return ranges.begin()->first; }
    uint64_t highest() const { return ranges.rbegin()->second; }
  };
  Boot& BootOf(std::string_view node, int64_t ms, uint64_t serial);
  Seen AddTo(Boot& boot, uint64_t serial);

  std::vector<Boot> boots_;
  size_t ranges_ = 0;
};

}  // namespace whittle::import
