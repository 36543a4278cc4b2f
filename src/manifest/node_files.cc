#include "manifest/node_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "manifest/localhost.h"

namespace whittle::manifest {
namespace {

constexpr size_t kMaxFiles = 100'000;

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view FolderPart(std::string_view path) {
  return path.substr(0, path.size() - BaseName(path).size());
}

std::string_view Stem(std::string_view path) {
  const auto name = BaseName(path);
  return name.ends_with(".json") ? name.substr(0, name.size() - std::string_view(".json").size()) : name;
}

// Each part for itself: of long paths that have most in common the rest may be another word. Of
// short ones letters may have changed places.
bool IsNear(std::string_view word, std::string_view other) {
  constexpr size_t kLongest = 64;
  const bool swapped =
      word.size() == other.size() && word.size() <= kLongest && std::ranges::is_permutation(word, other);
  return word == other || swapped || Nearest(word, std::span(&other, 1)).has_value();
}

std::string FolderOf(std::string_view root) { return "/" + CleanPath(std::string(root) + "/seccomp") + "/"; }

// The line's path from the folder on; nothing if it is elsewhere, or a folder.
std::optional<std::string> PathBelow(std::string_view line, const std::string& folder) {
  if (line.ends_with('/')) return std::nullopt;
  if (!line.starts_with('/')) return CleanPath(line);
  const std::string clean = "/" + CleanPath(line);
  if (!clean.starts_with(folder)) return std::nullopt;
  return clean.substr(folder.size());
}

Result<NodeFiles> ReadFolder(const std::string& path) {
  namespace fs = std::filesystem;
  NodeFiles node{path, {}};
  std::error_code error;
  size_t seen = 0;  // links that lead round in circles make many of few files
  for (fs::recursive_directory_iterator at(path, fs::directory_options::follow_directory_symlink, error), end;
       !error && at != end; at.increment(error)) {
    std::error_code ignored;  // a link to nowhere is no file
    if (at.depth() > 16) at.disable_recursion_pending();
    if (at->is_regular_file(ignored)) node.files.insert(at->path().lexically_relative(path).string());
    if (++seen > kMaxFiles)
      return Fail(ErrorCode::kBadInput, fmt::format("{}: more than {} files and folders", path, kMaxFiles));
  }
  if (error) return Fail(ErrorCode::kBadInput, fmt::format("{}: {}", path, error.message()));
  return node;
}

}  // namespace

bool NodeFiles::IsFolder(std::string_view path) const {
  const std::string prefix = path.empty() ? "" : std::string(path) + "/";
  const auto first = files.lower_bound(prefix);
  return first != files.end() && first->starts_with(prefix);
}

Result<NodeFiles> ParseNodeFiles(std::string_view text, const std::string& name, std::string_view root) {
  const std::string folder = FolderOf(root);
  NodeFiles node{name, {}};
  size_t elsewhere = 0;
  for (const auto line : Lines(text)) {
    const auto shown = line.substr(0, line.find('\r'));
    if (Trim(shown).empty()) continue;
    const auto path = PathBelow(shown, folder);
    if (path && !path->empty()) node.files.insert(*path);
    if (!path && shown.starts_with('/') && !shown.ends_with('/')) ++elsewhere;
  }
  if (node.files.empty() && elsewhere > 0) {
    return Fail(ErrorCode::kBadInput,
                fmt::format("{}: none of its files is below {}: is the kubelet's folder another "
                            "(--kubelet-root)?",
                            name, folder));
  }
  return node;
}

Result<NodeFiles> ReadNodeFiles(const std::string& path, std::string_view root) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return ReadFolder(path);
  return ParseNodeFiles(TRY(ReadFile(path)), path, root);
}

std::optional<std::string> NearestFile(const NodeFiles& node, std::string_view path) {
  constexpr std::string_view kPrefixes[] = {"localhost/", "seccomp/", "var/lib/kubelet/seccomp/"};
  for (const auto prefix : kPrefixes) {
    if (path.starts_with(prefix) && node.Has(path.substr(prefix.size())))
      return std::string(path.substr(prefix.size()));
  }
  const auto first = [&](const auto& is_it) -> std::optional<std::string> {
    const auto found = std::ranges::find_if(node.files, is_it);
    return found == node.files.end() ? std::nullopt : std::optional(*found);
  };
  if (auto same = first([&](const auto& file) { return LowerCase(file) == LowerCase(path); })) return same;
  for (const std::string_view suffix : {".json", ""}) {
    const std::string name = std::string(BaseName(path)) + std::string(suffix);
    if (auto same = first([&](const auto& file) { return BaseName(file) == name; })) return same;
  }
  std::vector<std::string_view> files;
  std::ranges::copy_if(node.files, std::back_inserter(files), [&](std::string_view file) {
    return IsNear(FolderPart(path), FolderPart(file)) && IsNear(Stem(path), Stem(file));
  });
  return Nearest(path, files);
}

}  // namespace whittle::manifest
