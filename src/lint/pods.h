// What rules on pods share: their profiles one by one, and how pods and containers are called. Pure; thread
// safe.
#pragma once

#include <string>
#include <vector>

#include "lint/subject.h"

namespace whittle::lint {

// A field seccompProfile that is there.
struct GivenProfile {
  const manifest::Pod* pod = nullptr;
  const manifest::Container* container = nullptr;  // null: the pod's own
  manifest::Place place;
};
std::vector<GivenProfile> GivenProfiles(const Subject& subject);

// The type and path as text; "" where they are none.
std::string_view TypeOf(const manifest::Place& profile);
std::string_view PathOf(const manifest::Place& profile);

// "Deployment web, init container setup"; without a container: the pod.
std::string WhoText(const manifest::Pod& pod, const manifest::Container* container);
// "/spec/containers/0"; "/" for the document. A member that is not there is looked for where its object is.
Where WhereOf(const manifest::Place& place);
Where WhereOf(const manifest::Place& place, const json::Member& member);
Where WhereOf(const manifest::Place& place, std::string_view member);

// Of a Kubernetes before that version. Where none is named it is the newest.
bool Before(const Subject& subject, uint32_t major, uint32_t minor);

}  // namespace whittle::lint
