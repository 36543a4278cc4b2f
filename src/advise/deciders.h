// Who decides about the example of a change: a rule of the document, or a habit of the target. Pure; thread
// safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advise/diff.h"
#include "base/json.h"
#include "filter/meaning.h"
#include "profile/document.h"

namespace whittle::advise {

struct Decider {
  int rule = -1;      // index into document.rules; -1: none decided
  json::Position at;  // of the rule; {0, 0} if there is none
  std::string habit;  // "default-action", "enosys-stub", ... (docs/targets.md); empty if a rule decided
};

// One for each change, in their order; nothing where the example is of no ABI that was compared, or where the
// target would install no filter. `meaning`: the document's, for that target.
std::vector<std::optional<Decider>> DecidersOf(const profile::Document& document,
                                               const filter::Meaning& meaning, const Diff& diff);

}  // namespace whittle::advise
