// Calls of a trace that tells of their beginning and of their end apart: entered by a thread, and not
// returned yet. What became of a call says its end; a call counts once, and also if either is missing.
// Memory: the threads that are inside of a call. Not thread safe.
#pragma once

#include <cstdint>
#include <map>

#include "import/tally.h"

namespace whittle::import {

struct Sighting {
  Tally::Calls* calls = nullptr;
  evidence::CallKey key;
  int64_t when_ms = kUndated;
  evidence::Arguments arguments = {};
};

class OpenCalls {
 public:
  explicit OpenCalls(Tally& tally) : tally_(tally) {}

  void Enter(uint64_t thread, const Sighting& call);
  // The end of the thread's call, which tells of its arguments where the beginning did not. False if the trace did not tell that it was entered; it counts all the
  // same.
  bool Return(uint64_t thread, const Sighting& call);
  // Calls whose ends never came were made, too. Returns how many there were.
  size_t End();

 private:
  static constexpr size_t kMaxThreads = 8192;  // more are inside of a call on no machine

  void See(const Sighting& call) { tally_.See(*call.calls, call.key, call.when_ms, 1, &call.arguments); }

  Tally& tally_;
  std::map<uint64_t, Sighting> open_;
};

}  // namespace whittle::import
