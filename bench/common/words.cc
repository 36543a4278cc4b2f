#include "words.h"

#include <algorithm>

#include "base/text.h"

namespace whittle::bench {

bool Words::Has(std::string_view name) const { return std::ranges::find(words_, name) != words_.end(); }

std::optional<std::string_view> Words::Behind(std::string_view name) const {
  const auto at = std::ranges::find(words_, name);
  if (words_.end() - at < 2) return std::nullopt;
  return at[1];
}

uint64_t Words::Number(std::string_view name, uint64_t otherwise) const {
  return ParseUnsigned(std::string(Behind(name).value_or(""))).value_or(otherwise);
}

}  // namespace whittle::bench
