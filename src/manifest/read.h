// Manifests: JSON or YAML with objects of Kubernetes in it, as people write them and as kubectl prints them.
// Pure; thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "manifest/pods.h"

namespace whittle::manifest {

// The document of a text, or the list of its documents if there are several ("---" between them). Errors:
// kBadInput, "NAME:LINE:COLUMN: what".
Result<json::Value> Read(std::string_view text, const std::string& name);

// A pod or a list of objects is in it; or, `by_kind`, an object that says its kind and apiVersion.
bool IsManifest(const json::Value& root, bool by_kind);

// Whether it is worth while to read the text as a manifest: it has a word that each of them has.
bool MayBeManifest(std::string_view text);

// The text begins lines as manifests do, whether or not it can be read: "apiVersion:", "kind:".
bool LooksLikeManifest(std::string_view text);

// The objects of documents: themselves, or of lists (kind: List, PodList, ...) their items.
std::vector<Place> Objects(const json::Value& root);

}  // namespace whittle::manifest
