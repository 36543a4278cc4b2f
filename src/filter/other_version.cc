#include "filter/other_version.h"

#include <fmt/core.h>

#include <optional>

#include "base/text.h"
#include "filter/resolve.h"
#include "profile/catalogue.h"

namespace whittle::filter {
namespace {

// What the document comes to, whatever its spelling; nothing if the target does not take it.
std::optional<std::string> FlatText(const profile::Document& document, const profile::Target& target) {
  auto resolved = Resolve(document, target);
  if (!resolved) return std::nullopt;
  return profile::Write(profile::Plain(std::move(resolved->document)));
}

}  // namespace

std::string OtherVersionText(const profile::Document& document, const profile::Target& target) {
  std::optional<std::string> flat;
  for (const auto& entry : profile::Catalogue()) {
    const std::string other = profile::OtherVersionText(entry.name, target);
    if (other.empty()) continue;
    if (!flat) flat = FlatText(document, target);
    if (!flat) return "";
    const auto made = profile::ReadCatalogue(entry.name);
    if (!made || FlatText(*made, target) != flat) continue;
    return document.file == entry.name
               ? other
               : fmt::format("{} comes to the same as {}: {}", Printable(document.file), entry.name, other);
  }
  return "";
}

}  // namespace whittle::filter
