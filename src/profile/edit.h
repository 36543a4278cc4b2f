// Changes of a document by name of a call: what a person does by hand to Docker's default. Everything that is
// not named stays as it was, in its order. Pure; thread safe.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "profile/document.h"

namespace whittle::profile {

struct Edit {
  std::vector<std::string> remove;  // calls that are to be refused
  std::vector<std::string> add;     // calls that are to be let pass, whatever their arguments
  // What refused calls get: kErrno (EPERM), kLog (they pass, and are logged), kKillProcess. It is the answer
  // to those of `remove`; where it is given, to everything else that the document refuses, too (an answer of
  // ENOSYS stays, unless calls are to pass: programs fall back on it).
  std::optional<Action> deny;
};

struct Edited {
  Document document;
  std::set<std::string> removed, added;  // what changed
  std::set<std::string> refused_before;  // named to be removed, and nothing let it pass
  std::set<std::string> allowed_before;  // named to be added, and let pass without conditions
};

// Errors: kBadInput for a name that no architecture has (with the nearest right one); kUsage for a name that
// is to be both removed and added.
Result<Edited> Apply(Document document, const Edit& edit);

// True if the document lets the call pass, with some arguments at least, on some target.
bool MayPass(const Document& document, std::string_view call);

}  // namespace whittle::profile
