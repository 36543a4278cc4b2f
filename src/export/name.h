// Names of what is exported, made of the profile's file or checked if given. Pure; thread safe.
#pragma once

#include <string>

#include "base/result.h"
#include "export/export.h"

namespace whittle::exporting {

// Of Kubernetes' objects: "docker-default". Errors: kUsage for a given name that is none.
Result<std::string> ObjectName(const Source& source);
// Of variables: "docker_default_filter", "DockerDefaultFilter". Errors: as ObjectName().
Result<std::string> CName(const Source& source);
Result<std::string> GoName(const Source& source);

// "FILE, for TARGET" on one line, safe inside of any comment.
std::string Origin(const Source& source);

}  // namespace whittle::exporting
