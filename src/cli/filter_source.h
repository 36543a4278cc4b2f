// What stands where a profile is asked for on the command line: a file (a profile, or the raw bytes of a
// filter), "-", a name of the catalogue, the filters of a living process ("pid:N", "container:NAME"),
// "unconfined": none, "stack=A,B": several of these, the first one installed first, or "merge(A,B)",
// "intersect(A,B)", "subtract(A,B)": one profile of several.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algebra/compose.h"
#include "base/result.h"
#include "filter/compile.h"
#include "filter/program.h"
#include "optimize/judge.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::cli {

struct FilterSource {
  std::optional<profile::Document> document;  // a profile: its meaning depends on a target
  // Else: filters as they are, first installed first. None: a process without a filter.
  std::vector<filter::Program> programs;
  std::vector<FilterSource> parts;              // instead of both: what is stacked, or joined
  std::optional<algebra::Operation> joined_by;  // nothing: stacked
  std::string name;                             // for messages

  bool needs_target() const;
};

// What a SeccompProfile object in a file stands for. An engine that is given one in JSON sees a profile
// without a default action, and installs no filter; in YAML it takes none, so there what the operator makes
// of it is meant in any case.
enum class Objects { kAsProfiles, kAsAnEngine };

// Of a process whose threads differ one is taken, with a note on standard error. Errors: kBadInput (no such
// file, process or container), kNotPossible (no rights to read filters, no engine).
Result<FilterSource> OpenFilterSource(const std::string& text, profile::Reading reading,
                                      Objects objects = Objects::kAsProfiles);

// On standard error: that the profile is docker's default, but not the target's own, for which it might be
// taken. InstalledOf() and JudgeOf() say it of theirs.
void WarnOfOtherVersion(const profile::Document& document, const profile::Target& target);

// The stack of filters that a source comes to.
struct Installed {
  std::vector<filter::Program> programs;
  std::shared_ptr<const filter::Meaning> meaning;  // of a profile, for the target; else null
};

// A profile is compiled for the target. One that no filter would be installed for gives none, with a note on
// standard error. Errors: kBadInput where the target would not take it, or the filter would be too large.
Result<Installed> InstalledOf(const FilterSource& source, const profile::Target& target);
Result<std::vector<filter::Program>> ProgramsOf(const FilterSource& source, const profile::Target& target);

// What it answers to calls whose arguments are not known; what is odd about a document goes to standard
// error.
Result<optimize::Judge> JudgeOf(const FilterSource& source, const profile::Target& target);

}  // namespace whittle::cli
