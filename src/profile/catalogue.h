// Profiles that have a name: it can stand wherever a file can. Pure; thread safe. Source: data/catalogue/.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace whittle::profile {

struct CatalogueEntry {
  std::string_view name;
  std::string_view summary;
};

std::span<const CatalogueEntry> Catalogue();

// The entry's document, or nothing if there is no such name.
std::optional<std::string_view> CatalogueText(std::string_view name);

// The name that means "no filter at all" to engines. It is no profile, so it is in no catalogue.
inline constexpr std::string_view kUnconfined = "unconfined";

}  // namespace whittle::profile
