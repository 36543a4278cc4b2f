#include <fmt/core.h>

#include "base/file.h"
#include "profile/document.h"

namespace whittle::profile {
namespace {

struct CatalogueRow {
  std::string_view name;
  std::string_view text;
};

constexpr CatalogueRow kRows[] = {
#include "catalogue.inc"
};

}  // namespace

std::vector<std::string> CatalogueNames() {
  std::vector<std::string> names;
  for (const auto& row : kRows) names.emplace_back(row.name);
  return names;
}

std::optional<std::string_view> CatalogueText(std::string_view name) {
  for (const auto& row : kRows) {
    if (row.name == name) return row.text;
  }
  return std::nullopt;
}

Result<Document> ReadProfile(const std::string& name_or_path, Reading reading) {
  // A file of that name is what the user sees in the folder, so it wins.
  if (!FileExists(name_or_path)) {
    if (const auto text = CatalogueText(name_or_path)) return Read(*text, name_or_path, reading);
  }
  return Read(TRY(ReadFile(name_or_path)), name_or_path, reading);
}

}  // namespace whittle::profile
