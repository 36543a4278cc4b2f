// Random documents of the whole profile language, for random targets, with rapidcheck so that what fails
// shrinks.
#pragma once

#include <rapidcheck.h>

#include <iosfwd>
#include <optional>

#include "profile/document.h"
#include "profile/target.h"

namespace whittle::oracle {

// One document for one place. `seed` decides the calls that are made.
struct Case {
  profile::Document document;
  profile::Target target;
  uint64_t seed = 0;
};

// Every loader, runtime and architecture, with versions on both sides of each border that docs/targets.md
// names. Rules use few names and few constants, so that they meet; most documents are taken, each way to be
// refused is met.
rc::Gen<Case> AnyCase(std::optional<Abi> arch = std::nullopt);
// That document for any target.
rc::Gen<Case> CaseOf(profile::Document document);
// For crun or runc on that architecture, and only shapes that libseccomp gets right (docs/targets.md); every
// ABI can end its programs.
rc::Gen<Case> ReliableCase(profile::Target target);

// For rapidcheck: the document as JSON, the target as it is said everywhere.
void showValue(const Case& value, std::ostream& out);

}  // namespace whittle::oracle
