// Baseline drift: the runtime that will load a profile against the one that it was made for. An upgrade that
// makes new calls under the filter breaks every container, with nothing in its logs. Pure; thread safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "optimize/baseline.h"
#include "optimize/verify.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::optimize {

// A runtime by name and version.
struct RuntimeId {
  profile::Runtime runtime = profile::Runtime::kRunc;
  profile::Version version;
  bool operator==(const RuntimeId&) const = default;
  std::string Text() const;  // "runc 1.1.5"
};

// "runc-1.1.5", "runc:1.1.5", "runc 1.1.5". Errors: kUsage.
Result<RuntimeId> ParseRuntimeId(std::string_view text);

// What `generate` wrote into the profile's first comment; nothing if it wrote none.
struct MadeFor {
  RuntimeId runtime;
  bool no_new_privs = false;
};
std::optional<MadeFor> MadeForOf(const profile::Document& document);
// It wrote that no runtime loads the profile, but `whittle run -- COMMAND`.
bool MadeForWhittle(const profile::Document& document);

struct Drift {
  RuntimeId host;
  std::optional<RuntimeId> made_for;
  Baseline next;                        // what is known of the host's
  Baseline now;                         // what is known of the one that it was made for
  std::vector<std::string> new_calls;   // which the host's makes and the other does not
  std::vector<std::string> gone_calls;  // the other way round
  // Of a profile: what the host's runtime makes and it refuses, apart from what a start does without.
  std::vector<RefusedRow> refused;
  std::vector<RefusedRow> tolerated;
  std::string refused_because;  // why the host's runtime would load no filter of it; empty if it would

  enum class Verdict {
    kSame,     // the same runtime, or one that makes the same calls
    kCovered,  // it makes others, and the profile lets them pass
    kUnknown,  // the host's was never measured
    kBreaks,   // the profile refuses what it needs
  } verdict = Verdict::kSame;
};
std::string_view VerdictName(Drift::Verdict verdict);  // "same", "covered", "unknown", "breaks"

// `host` is the target as it will load the profile. `measured`: a table of the host's own; nothing: what is
// known for it. Without a profile only the runtimes are compared, without `made_for` only the profile.
// Errors: kBadInput if the profile makes a filter that is too large.
Result<Drift> CompareRuntimes(const profile::Target& host, const std::optional<RuntimeId>& made_for,
                              const profile::Document* document, const std::optional<Baseline>& measured);

}  // namespace whittle::optimize
