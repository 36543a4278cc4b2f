// Everything that docs/targets.md says of a target, as the oracle knows it: one row for each way in which a
// filter differs from the document as written. The oracle counts how often each was at work, so that a test
// can say which of them no random profile meets. Pure; thread safe.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace whittle::oracle {

enum class Habit : uint8_t {
  kIgnoredMember,          // by a docker that does not know the member yet
  kIgnoredByOci,           // archMap, includes, excludes, name: plain OCI has none of them
  kNotSelected,            // includes or excludes
  kArchMap,                // the mapping of the native architecture
  kArchMapUnknown,         // a loader that has no name for this architecture: no mapping, no `arches`
  kNamelessRule,           // podman drops it
  kPodmanErrno,            // a name or a number in a string
  kUnconfined,             // no filter
  kRefusedDocument,        // by the loader: members that exclude each other, an unknown errno
  kRefusedWithoutDefault,  // by the runtime
  kRefusedErrno,           // an errno that libseccomp does not take
  kRefusedFlags,           // flags that this runtime does not know
  kRefusedAction,          // an action that this runtime does not know yet
  kRefusedNotify,          // SCMP_ACT_NOTIFY where it cannot be
  kRefusedName,            // an empty one, or none
  kRefusedMisplacedErrno,  // crun: errnoRet beside an action that has none
  kRefusedArchitecture,    // unknown, or of the other byte order
  kRefusedRedundant,       // runc < 1.0.2: a rule that does what the default does
  kRefusedClash,           // libseccomp: two actions under the same conditions
  kEperm,                  // ERRNO or TRACE without a number
  kRedundantRule,
  kUnknownName,
  kSplitConditions,
  kSixConditions,
  kShadowedRule,
  kCoveredRule,  // a conditional rule that another one makes superfluous
  kOrder,        // a rule is asked before one that stands above it
  kNarrowArguments,
  kMaskedValue,
  kCompanion,
  kForeignAbi,
  kEnosysStub,
  kEnosysZero,  // s390: number 0
};
inline constexpr size_t kHabitCount = static_cast<size_t>(Habit::kEnosysZero) + 1;

std::string_view HabitName(Habit habit);

// How often each was at work: once a document for those that change rules, once a call for those that decide.
using HabitCounts = std::array<uint64_t, kHabitCount>;

}  // namespace whittle::oracle
