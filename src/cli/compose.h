// Profiles as sets of calls, for the verbs `merge`, `profile intersect` and `profile subtract`.
#pragma once

#include <string>
#include <vector>

#include "algebra/compose.h"
#include "base/result.h"
#include "cli/flags.h"
#include "cli/target_flags.h"

namespace whittle::cli {

struct ComposeFlags {
  std::vector<std::string> profiles;  // files, names of the catalogue, or -
  std::string output;                 // empty: standard output
  bool exact = false;                 // nothing else will do
  bool json = false;                  // what was proven, on standard output; then `output` is a file
  TargetFlags target;
};

// --exact and the target's flags; the verb has its own for files, output and JSON.
void AddComposeFlags(Flags flags, ComposeFlags& compose);

// True if the first of the files that can be looked at is a profile (or the catalogue has one of that name).
bool AreProfiles(const std::vector<std::string>& files);

// Writes the composed document, says on standard error where it is wider or tighter than it should be, and
// returns kYes, or kNo if only an exact one will do and there is none. Errors: as algebra::Compose().
Result<int> RunCompose(algebra::Operation operation, const ComposeFlags& flags);

}  // namespace whittle::cli
