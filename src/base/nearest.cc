#include "base/nearest.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/text.h"

namespace whittle {

std::optional<std::string> NearestBehind(std::string_view prefix, std::string_view word,
                                         std::span<const std::string_view> names) {
  std::string upper(word);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const bool whole = upper.starts_with(prefix);
  const std::string bare = whole ? upper.substr(prefix.size()) : upper;
  std::vector<std::string_view> bare_names;
  for (const auto name : names) bare_names.push_back(name.substr(prefix.size()));
  const auto exact = std::ranges::find(bare_names, std::string_view(bare));
  const auto nearest = exact != bare_names.end() ? std::optional(bare) : Nearest(bare, bare_names);
  if (nearest) return std::string(prefix) + *nearest;
  return whole ? std::nullopt : Nearest(upper, names);  // an error in the prefix itself
}

std::string DidYouMeanText(const std::optional<std::string>& nearest) {
  return nearest ? fmt::format(", did you mean '{}'?", *nearest) : "";
}

}  // namespace whittle
