// Evidence: what was seen of workloads, and what is known to be missing. Everything else in Whittle makes it,
// merges it or reads it. File format: docs/format-evidence.md. Pure; thread safe (values).
//
// Invariants:
// - Merge is associative, commutative and idempotent, so replicas, nodes and days combine in any order.
// - Evidence knows what it lost: `gaps`. It is complete only if there are none. Nothing is dropped in
// silence.
// - Writing is canonical: equal evidence, equal bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "evidence/arguments.h"
#include "evidence/epochs.h"
#include "syscalls/abi.h"

namespace whittle::evidence {

inline constexpr int kFormatVersion = 3;

// How an executable came into a container: as part of the workload, or from outside (the runtime itself,
// `docker exec`'s runc, nsenter). Kept apart, never cut.
enum class Arrival : uint8_t { kWorkload, kArrived };

// What became of a call.
enum class Fate : uint8_t { kAllowed, kLogged, kDenied, kKilled, kUnknown };

// What is known of the flags of a clone or clone3: whether the call could be confined to ordinary children.
// Other calls: kUnknown.
enum class CloneFlags : uint8_t {
  kUnknown,     // the source does not tell
  kOrdinary,    // a thread or process as clone can make it, without new namespaces
  kNamespaces,  // it asked for new namespaces
  kOnlyClone3,  // it asked for what clone cannot do: a child in another control group, or with a wished id
};

std::string_view ArrivalName(Arrival arrival);  // "workload", "arrived"
std::string_view FateName(Fate fate);           // "allowed", "logged", "denied", "killed", "unknown"
std::optional<Arrival> ParseArrival(std::string_view text);
std::optional<Fate> ParseFate(std::string_view text);
std::string_view CloneFlagsName(CloneFlags flags);  // "unknown", "ordinary", "namespaces", "only-clone3"
std::optional<CloneFlags> ParseCloneFlags(std::string_view text);

// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (linux/sched.h).
inline constexpr uint64_t kNamespaceFlags = 0x7e020000;
// Which argument of clone has its flags: s390 takes them second.
inline uint32_t CloneFlagsArgument(Abi abi) { return abi == Abi::kS390x || abi == Abi::kS390 ? 1 : 0; }
// Of clone, not clone3.
inline CloneFlags CloneFlagsOf(uint64_t flags) {
  return (flags & kNamespaceFlags) != 0 ? CloneFlags::kNamespaces : CloneFlags::kOrdinary;
}

// True for what a filter refused: denied, killed.
inline bool Refused(Fate fate) { return fate == Fate::kDenied || fate == Fate::kKilled; }

// A container (or a plain process tree: container "-") and one executable in it: what a profile is for.
struct Subject {
  std::string container = "-";  // name
  std::string executable;       // path as the container sees it; "?" if it could not be read
  Arrival arrival = Arrival::kWorkload;
  auto operator<=>(const Subject&) const = default;
};

struct CallKey {
  Abi abi = Abi::kX86_64;
  uint32_t number = 0;  // x32: with bit 30
  Fate fate = Fate::kAllowed;
  bool under_filter = false;  // a seccomp filter was in force when it was seen
  CloneFlags clone_flags = CloneFlags::kUnknown;
  auto operator<=>(const CallKey&) const = default;
};

// When a call was seen: per recording id, the epochs; and with which arguments, in all of them.
struct Observation {
  std::map<std::string, EpochSet> epochs;
  Arguments arguments = {};
  bool operator==(const Observation&) const = default;
};

// One run of a recorder or one import, under an id of letters, digits and "-_.:" (at most 128).
// Two with one id are states of the same run: merging takes what the later one knows.
struct Recording {
  std::string source;  // "ebpf", "strace", ...
  std::string kernel;  // uname -r
  Abi native = Abi::kX86_64;
  std::string target;             // what was asked for: "container web", "command nginx -g ..."
  std::string image;              // the container's image, if any
  std::string engine;             // "docker 20.10.24", if any
  std::string runtime;            // "runc 1.1.5", if any
  bool refusals_watched = false;  // false: a refused call may look like one that was never made
  std::set<std::string>
      exercised;           // phases that were seen: "start", "reload", "shutdown", ... (docs/completeness.md)
  int64_t started_ms = 0;  // wall clock
  int64_t ended_ms = 0;    // last moment that it covers
  uint32_t epoch_ms = 0;   // length of an epoch
  uint32_t epochs = 0;     // how many there were
  bool operator==(const Recording&) const = default;
};

// Something that may be missing, and why. One gap of a kind and detail stands for all of them in a recording:
// `count` (how much, where it can be counted; 0 where not) does not tell gaps apart, and merging keeps the
// larger one.
struct Gap {
  std::string recording;  // id; empty if it belongs to none
  std::string kind;       // "killed", "table-full", "ring-overrun", "unresolved", "late-attach", ...
  std::string detail;     // one line for a person
  uint64_t count = 0;
  bool operator==(const Gap&) const = default;
  std::strong_ordering operator<=>(const Gap& other) const;
};

using Calls = std::map<CallKey, Observation>;
// The scripts that an interpreter was executed for, as execve() was given their names.
using Scripts = std::set<std::string>;

struct Evidence {
  std::map<std::string, Recording> recordings;
  std::map<Subject, Calls> subjects;
  std::map<Subject, Scripts> scripts;  // of the subjects that ran any
  std::set<Gap> gaps;

  bool complete() const { return gaps.empty(); }
  bool operator==(const Evidence&) const = default;
};

// Adds a gap; where one of the same kind is known already, the larger count stands.
void AddGap(std::set<Gap>& gaps, Gap gap);

// True if `id` may name a recording.
bool IsRecordingId(std::string_view id);
// One made of any text, a host's name for instance: what an id cannot have becomes a '-', what is too long is
// cut so that ".NUMBER" can still follow.
std::string RecordingIdOf(std::string_view text);

// The union of both. Errors: kBadInput if two recordings of one id contradict each other.
Result<Evidence> Merge(const Evidence& a, const Evidence& b);

// Reads a document of this version; anything newer, unknown or malformed is refused with file, line and
// field.
Result<Evidence> Read(std::string_view text, const std::string& file);
// Reads one file or "-".
Result<Evidence> ReadEvidenceFile(const std::string& path);
// Reads and merges all of them.
Result<Evidence> ReadEvidenceFiles(const std::vector<std::string>& paths);

// Requires: recording ids as above, every id in observations and gaps is in `recordings`, no observation
// without an epoch, none beyond its recording's epochs; who has scripts is a subject, and none of the sets is
// empty. (The reader refuses what breaks this.)
std::string Write(const Evidence& evidence);

}  // namespace whittle::evidence
