// Refusals that somebody saw, in any document that holds some: a denials file (kept/life.h), what `whittle
// denials
// --json` or `whittle run --result` wrote, evidence. Reading is pure; thread safe.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "diagnose/facts.h"
#include "kept/store.h"

namespace whittle::diagnose {

// Errors: kBadInput with line, column and member. Of documents of several containers the refusals are those
// of the one called `name` (or of all, where an entry does not tell); of others than a denials file nothing
// else is known.
Result<kept::File> ReadKept(std::string_view text, const std::string& file, std::string_view name);
Result<kept::File> ReadKeptFile(const std::string& path, std::string_view name);

// Adds what was kept to the facts.
void TakeKept(const kept::File& file, Facts& facts);

}  // namespace whittle::diagnose
