// Manifests of Kubernetes, whose seccomp annotations (gone since 1.27) become the field seccompProfile of the
// containers that they were for. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace whittle::exporting {

// True if a pod, or something that pods are made of (a Deployment, a CronJob, a List), is among the
// documents.
bool HasPods(const std::vector<json::Value>& documents);

struct Moved {
  std::string text;  // the manifests; all but the lines that had to change is as it was, byte for byte
  std::vector<std::string> moved;  // "FILE:LINE: container web: Localhost profiles/web.json"
  std::vector<std::string> notes;
};

// Every container gets what its own annotation says, or else the pod's; a field that is there already stays.
// The result is read again and compared: nothing but annotations and fields is different. Errors: kBadInput
// for broken YAML and annotations that say nothing; kNotPossible, with the place, for YAML that cannot be
// changed line by line (flow style, aliases).
Result<Moved> MoveAnnotations(std::string_view text, const std::string& file);

}  // namespace whittle::exporting
