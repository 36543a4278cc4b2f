// What was refused to one life of a container (from a start to its end), and what it did last that was new:
// the denials file (docs/format-denials.md), read and written here. Pure; thread safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "evidence/evidence.h"
#include "syscalls/abi.h"

namespace whittle::kept {

inline constexpr int kVersion = 1;
inline constexpr size_t kMaxBytes = size_t{4} << 20;  // of a file; Write() stays below, Read() refuses more
inline constexpr size_t kMaxKinds = 256;
inline constexpr size_t kMaxFirstSeen = 256;

// A refused call; equal ones (who, call, outcome) are one with a count.
struct Refusal {
  Abi abi = Abi::kX86_64;
  std::string call;  // "openat", "#451"
  std::vector<uint64_t> arguments;
  evidence::Fate fate = evidence::Fate::kDenied;
  std::string action;      // "ERRNO(1)"; empty: not known
  std::string got;         // "EPERM (Operation not permitted)"
  std::string errno_name;  // "EPERM"; empty: none
  std::string executable, command;
  evidence::Arrival arrival = evidence::Arrival::kWorkload;
  int64_t pid = 0, tid = 0;
  uint64_t count = 1;
  int64_t first_ms = 0, last_ms = 0;
  int64_t filter = -1;             // which of stacked ones; -1: not known
  std::vector<std::string> stack;  // who asked, innermost first
  bool operator==(const Refusal&) const = default;
};

// A call that had not been seen before.
struct FirstSeen {
  int64_t ms = 0;  // when the watch noticed it
  std::string executable;
  evidence::Arrival arrival = evidence::Arrival::kWorkload;
  Abi abi = Abi::kX86_64;
  std::string call;
  evidence::Fate fate = evidence::Fate::kAllowed;
  bool operator==(const FirstSeen&) const = default;
};

struct Life {
  std::string id, name, image, engine, runtime;  // as the engine tells them
  // What tells lives of one container apart: two files that share a mark are of one life.
  std::vector<std::string> marks;
  int64_t started_ms = 0;
  int64_t updated_ms = 0;  // the last moment that it covers
  bool from_start = false;
  bool ended = false;
  std::vector<Refusal> refused;       // oldest first by last_ms
  std::vector<FirstSeen> first_seen;  // oldest first
  uint64_t dropped = 0;               // kinds of refusals that found no room
  std::vector<std::string> gaps;      // why something may be missing
  bool operator==(const Life&) const = default;
};

// Errors: kBadInput with file, line, column and member.
Result<Life> Read(std::string_view text, const std::string& file);

// Text of any length and any bytes is written, long text cut. What does not fit into kMaxBytes is left out,
// the oldest first: stacks, then kinds (which `dropped` counts), then first-seen calls, then gaps.
std::string Write(Life life);

// The newest kMaxKinds, sorted; how many had to go is added to `dropped`.
void KeepNewest(Life& life);

// The refusals in an array of `object`, in a denials file or in another document that has the same members;
// `container`: only those of that name, where an entry names one. What was only logged is left out.
Result<std::vector<Refusal>> ReadRefusals(const json::Value& object, std::string_view member,
                                          const std::string& file, std::string_view container);

}  // namespace whittle::kept
