#include "record/subjects.h"

#include <ranges>

#include "base/text.h"

namespace whittle::record {

std::string PathFromComponents(std::string_view components) {
  if (components.empty()) return "";
  if (components.back() == '\0') components.remove_suffix(1);
  std::string path;
  for (const auto part : Split(components, '\0') | std::views::reverse) {
    path += '/';
    path += part;
  }
  return path;
}

bool IsBelow(std::string_view path, std::string_view above) {
  if (!path.starts_with(above)) return false;
  return path.size() == above.size() || above.ends_with('/') || path[above.size()] == '/';
}

std::string LastComponent(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

}  // namespace whittle::record
