// Words that were likely meant where names begin alike: SCMP_ACT_, CAP_. Pure; thread safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace whittle {

// The name, whatever the case and without the prefix, or else the nearest one behind the prefix, which makes
// no two names alike. Nothing where none is near.
std::optional<std::string> NearestBehind(std::string_view prefix, std::string_view word,
                                         std::span<const std::string_view> names);

// ", did you mean 'WORD'?", or nothing.
std::string DidYouMeanText(const std::optional<std::string>& nearest);

}  // namespace whittle
