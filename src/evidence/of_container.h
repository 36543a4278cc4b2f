// What evidence holds of one container: a profile is installed for a container. Pure; thread safe.
#pragma once

#include <set>
#include <string>

#include "evidence/evidence.h"

namespace whittle::evidence {

// By name; "-": processes outside of containers.
std::set<std::string> Containers(const Evidence& evidence);

// Its subjects, what came from outside among them, and the recordings that saw it. A recording that saw
// nobody may have lost this container's calls as well as another's, so it stays, with its gaps; so do gaps
// that belong to no recording. Of a name that the evidence does not have: no subjects.
Evidence OfContainer(const Evidence& evidence, const std::string& container);

}  // namespace whittle::evidence
