// What evidence holds of each container: a profile is installed for a container. Pure; thread safe.
#pragma once

#include <map>
#include <string>

#include "evidence/evidence.h"

namespace whittle::evidence {

// By name; "-": processes outside of containers. Each part has the container's subjects, what came from
// outside among them, and the recordings that saw it. A recording that saw nobody may have lost this
// container's calls as well as another's, so it stays in every part, with its gaps; so do gaps that belong to
// no recording. The parts merge to the whole.
std::map<std::string, Evidence> ByContainer(const Evidence& evidence);

}  // namespace whittle::evidence
