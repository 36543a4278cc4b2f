#include "profile/catalogue.h"

#include <fmt/core.h>

#include <array>

#include "base/file.h"
#include "profile/document.h"
#include "profile/edit.h"

namespace whittle::profile {
namespace {

struct CatalogueRow {
  std::string_view name;
  std::string_view text;
};

constexpr CatalogueRow kRows[] = {
#include "catalogue.inc"
};

constexpr std::string_view kComplain = "complain";

// Docker's default, but what it refuses passes and is logged. Made, so that it follows its origin.
const std::string& ComplainText() {
  static const std::string text = [] {
    const auto origin = Read(*CatalogueText("docker-default"), "docker-default");
    const auto edited = origin ? Apply(*origin, {{}, {}, Action::kLog}) : std::unexpected(origin.error());
    return edited ? Write(edited->document) : std::string();
  }();
  return text;
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  static constexpr std::array<CatalogueEntry, 5> kEntries = {{
      {"docker-default", "what docker 20.10.24 uses if it is told nothing"},
      {"podman-default", "what podman uses if it is told nothing (containers-common 0.50.1)"},
      {"audit", "every call passes, and the kernel logs it"},
      {kComplain, "docker-default, but what it refuses passes, and the kernel logs it"},
      {"allow-all", "a filter that refuses nothing"},
  }};
  return kEntries;
}

std::optional<std::string_view> CatalogueText(std::string_view name) {
  if (name == kComplain) return ComplainText();
  for (const auto& row : kRows) {
    if (row.name == name) return row.text;
  }
  return std::nullopt;
}

Result<Document> ReadProfile(const std::string& name_or_path, Reading reading) {
  // A file of that name is what the user sees in the folder, so it wins.
  if (!FileExists(name_or_path)) {
    if (const auto text = CatalogueText(name_or_path)) return Read(*text, name_or_path, reading);
    if (name_or_path == kUnconfined) {
      return Fail(ErrorCode::kBadInput,
                  "unconfined is no profile but the lack of one: allow-all refuses nothing, audit also logs");
    }
  }
  return Read(TRY(ReadFile(name_or_path)), name_or_path, reading);
}

}  // namespace whittle::profile
