// Which profiles there are on a node: the files below the folder from which its kubelet takes Localhost
// profiles. Pure but for ReadNodeFiles; thread safe.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace whittle::manifest {

inline constexpr std::string_view kKubeletRoot = "/var/lib/kubelet";

struct NodeFiles {
  std::string node;             // the name of the folder or list
  std::set<std::string> files;  // below the folder, clean: "profiles/web.json"

  bool Has(std::string_view path) const { return files.contains(std::string(path)); }
  bool IsFolder(std::string_view path) const;
};

// Of a list of files, one a line, as `find` prints it: with the kubelet's folder (ROOT/seccomp) in front, or
// from there on. Lines elsewhere are passed over. Errors: kBadInput if none of the lines is below the folder.
Result<NodeFiles> ParseNodeFiles(std::string_view text, const std::string& name, std::string_view root);
// Of a list, or of a folder: the kubelet's seccomp folder, or a copy. Errors: kBadInput.
Result<NodeFiles> ReadNodeFiles(const std::string& path, std::string_view root);

// The file that is likely meant by a path that is not there: without the prefix of annotations, another case
// or folder, or else the nearest name.
std::optional<std::string> NearestFile(const NodeFiles& node, std::string_view path);

}  // namespace whittle::manifest
