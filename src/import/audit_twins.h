// The journal's short form shows a record of the kernel's twice: as its own, without a number, and as the
// kernel printed it. Each counts once; of the two the one with a number does. The two are told by who made
// which call, and by how often. Memory: the processes that made such calls. Not thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "import/audit_record.h"
#include "import/tally.h"

namespace whittle::import {

class Twins {
 public:
  explicit Twins(Tally& tally) : tally_(tally) {}

  // A record that the kernel printed, and that counts.
  void Numbered(const AuditLine& record);
  // One without a number. `calls`: whose it is.
  void Unnumbered(const AuditLine& record, Tally::Calls& calls);
  // Counts those that have no twin. Returns whether there have been any.
  bool End();

 private:
  using Key = std::tuple<uint64_t, evidence::CallKey, std::string>;  // process, call, the thread's name
  struct Waiting {
    Tally::Calls* calls = nullptr;
    uint64_t count = 0;  // without a number, and without a twin so far
  };

  static Key KeyOf(const AuditLine& record) { return {record.pid, record.call, record.command}; }

  Tally& tally_;
  using Printed = std::map<Key, uint64_t>;
  Printed printed_;  // without a twin so far
  // Found without a search, which every record that the kernel printed would need; emptied when one goes.
  std::array<Printed::value_type*, 256> lately_{};
  std::map<Key, Waiting> waiting_;
  bool any_alone_ = false;
};

}  // namespace whittle::import
