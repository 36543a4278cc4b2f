// The path of a Localhost profile, and what the old annotation says. Pure; thread safe.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace whittle::manifest {

// The API server's check of a localhostProfile, and the kubelet's: a path below its folder for profiles.
// Errors: kUsage, with the likely cause.
Result<void> CheckLocalhostProfile(std::string_view path);

// The path as the kubelet resolves it below its folder: steps "." and doubled slashes are gone. "" is the
// folder itself.
std::string CleanPath(std::string_view path);

// What a field says, or would say instead of an annotation.
struct Field {
  std::string type;
  std::string path;  // of Localhost
  std::string Text() const { return path.empty() ? type : type + " " + path; }
};

// An annotation's value as a field. Errors: kUsage; the same that the API server refuses.
Result<Field> FieldOfAnnotation(const json::Value& value);

}  // namespace whittle::manifest
